using System.Buffers.Text;
using System.Globalization;

namespace QuickPay.Bench.Load;

/// <summary>
/// The accounts of one run. Their ids are UUIDv7-shaped and follow from the index alone (48 bits of time that count up, then a
/// marker of the set), so that SQL can make ten million of them and the generator can name any of them without holding a list.
/// </summary>
/// <param name="FirstTime">Milliseconds since 1970 in the first id; the account with index i carries FirstTime + i.</param>
/// <param name="Marker">The 20 hexadecimal digits after the time: version, variant and the set's own random bits.</param>
/// <param name="Count">How many accounts.</param>
/// <param name="Owners">How many load members own them, round robin: account i belongs to member i modulo Owners.</param>
internal sealed record AccountSet(long FirstTime, string Marker, long Count, int Owners)
{
    public const int IdLength = 36;

    /// <summary>Prime and above any count used, so that index = rank × it modulo count is a permutation: popular accounts lie apart.</summary>
    public const long Stride = 2_654_435_761;

    /// <summary>16 digits, beginning with 9, where members' accounts have 12: no load account can be mistaken for one of theirs.</summary>
    public long FirstNumber =>
        9_000_000_000_000_000 + long.Parse(Marker[8..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) % 900_000_000_000_000;

    private readonly byte[] _tail = System.Text.Encoding.ASCII.GetBytes($"-{Marker[..4]}-{Marker[4..8]}-{Marker[8..]}");

    public static AccountSet Create(DateTimeOffset now, ulong seed, long count, int owners)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(count, Stride);
        var (a, b) = (LoadRandom.Mix(seed), LoadRandom.Mix(seed + 1));
        var marker = string.Create(
            CultureInfo.InvariantCulture,
            $"7{a & 0xFFF:x3}{0x8000 | ((a >> 12) & 0x3FFF):x4}{b & 0xFFFF_FFFF_FFFF:x12}"
        );
        // The newest id is about now: the set looks like accounts opened until today.
        return new AccountSet(now.ToUnixTimeMilliseconds() - count, marker, count, owners);
    }

    public int OwnerOf(long index) => (int)(index % Owners);

    /// <summary>The account at a popularity rank (1 = most popular).</summary>
    public long IndexOfRank(long rank) => rank * Stride % Count;

    /// <summary>Writes the account's id as 36 characters.</summary>
    public void WriteId(long index, Span<byte> destination)
    {
        Span<byte> time = stackalloc byte[12];
        Utf8Formatter.TryFormat(FirstTime + index, time, out _, new System.Buffers.StandardFormat('x', 12));
        time[..8].CopyTo(destination);
        destination[8] = (byte)'-';
        time[8..].CopyTo(destination[9..]);
        _tail.CopyTo(destination[13..]);
    }

    public Guid IdOf(long index)
    {
        Span<byte> text = stackalloc byte[IdLength];
        WriteId(index, text);
        return Guid.Parse(text);
    }
}
