using System.Buffers.Binary;

namespace QuickPay.IntegrationTests.Support;

/// <summary>
/// Takes whole messages of PostgreSQL's protocol 3.0 (its documentation, chapter "Frontend/Backend Protocol") from a stream: a type, a length
/// that counts itself, a body. What is taken stays valid until the next <see cref="FillAsync"/>.
/// </summary>
internal sealed class PgProxyReader(Stream stream)
{
    private byte[] _buffer = new byte[32 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads some more; false at the end of the stream.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return read > 0;
    }

    /// <summary>A message with its type and length, if one has arrived in full.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> message) => TryTake(typeLength: 1, out message);

    /// <summary>The first packet of a connection, which has no type; empty at the end of the stream.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> TakeFirstAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> packet;
        while (!TryTake(typeLength: 0, out packet))
        {
            if (!await FillAsync(cancellationToken))
            {
                return default;
            }
        }
        return packet;
    }

    private bool TryTake(int typeLength, out ReadOnlyMemory<byte> message)
    {
        var waiting = _buffer.AsMemory(_start, _end - _start);
        if (waiting.Length >= typeLength + 4)
        {
            var length = typeLength + BinaryPrimitives.ReadInt32BigEndian(waiting.Span[typeLength..]);
            if (waiting.Length >= length)
            {
                message = waiting[..length];
                _start += length;
                return true;
            }
        }
        message = default;
        return false;
    }
}
