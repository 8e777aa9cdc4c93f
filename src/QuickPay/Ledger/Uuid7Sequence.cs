using System.Buffers.Binary;
using System.Security.Cryptography;

namespace QuickPay.Ledger;

/// <summary>
/// UUIDv7 (RFC 9562, section 5.7) in rising order: the 12 bits after the version count within the millisecond (its method 1),
/// the last 62 are random. Rising ids go to the right-most page of an index. One lane's own; not thread-safe.
/// </summary>
public sealed class Uuid7Sequence
{
    private const int CounterMax = 0xFFF;
    private readonly byte[] _random = new byte[4096];
    private int _randomUsed = 4096;
    private long _millisecond;
    private int _counter;

    /// <summary>Sets the time; one that is behind the last is ignored, so that ids keep rising.</summary>
    public void SetTime(DateTime utc)
    {
        var millisecond = (utc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
        if (millisecond > _millisecond)
        {
            (_millisecond, _counter) = (millisecond, 0);
        }
    }

    public Guid Next()
    {
        if (_counter > CounterMax)
        {
            (_millisecond, _counter) = (_millisecond + 1, 0);
        }
        if (_randomUsed == _random.Length)
        {
            RandomNumberGenerator.Fill(_random);
            _randomUsed = 0;
        }
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, _millisecond << 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | _counter++));
        _random.AsSpan(_randomUsed, 8).CopyTo(bytes[8..]);
        _randomUsed += 8;
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
