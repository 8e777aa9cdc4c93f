using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Text;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>HTTP/2 frames (RFC 9113) as a test wants them, headers without compression.</summary>
internal sealed class RawHttp2(SslStream stream) : IAsyncDisposable
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte Continuation = 9;
    public const byte EndStream = 1;
    public const byte EndHeaders = 4;
    private const int FrameHeaderBytes = 9;

    public static async Task<RawHttp2> OpenAsync(EdgeUnderTest edge, IPAddress? from = null)
    {
        var connection = new RawHttp2(await edge.ConnectAsync(from: from, application: SslApplicationProtocol.Http2));
        await connection.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await connection.SendAsync(Frame(Settings, 0, 0, []));
        return connection;
    }

    public static byte[] Frame(byte type, byte flags, int streamId, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeaderBytes + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame.AsSpan(FrameHeaderBytes));
        return frame;
    }

    /// <summary>Literals that are not indexed (RFC 7541 6.2.2); bytes are characters of Latin-1, at most 126 each.</summary>
    public static byte[] Block(params IEnumerable<(string Name, string Value)> headers) =>
        [
            .. headers.SelectMany(header =>
                (byte[])
                    [
                        0,
                        (byte)header.Name.Length,
                        .. Encoding.Latin1.GetBytes(header.Name),
                        (byte)header.Value.Length,
                        .. Encoding.Latin1.GetBytes(header.Value),
                    ]
            ),
        ];

    public static byte[] Get(int streamId, params (string, string)[] more) =>
        Frame(
            Headers,
            EndHeaders | EndStream,
            streamId,
            Block([(":method", "GET"), (":scheme", "https"), (":path", "/v1/accounts"), (":authority", "localhost"), .. more])
        );

    public async Task SendAsync(byte[] bytes)
    {
        await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
        await stream.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Sends until either side has had enough or it is <paramref name="times"/>; returns how often.</summary>
    public async Task<int> FloodAsync(Func<int, byte[]> bytes, int times)
    {
        for (var i = 0; i < times; i++)
        {
            try
            {
                await SendAsync(bytes(i));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                return i;
            }
        }
        return times;
    }

    /// <summary>The next frame; null at the connection's end.</summary>
    public async Task<(byte Type, int StreamId, byte[] Payload)?> ReadAsync()
    {
        try
        {
            var head = new byte[FrameHeaderBytes];
            await stream.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
            var payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(head) >> 8];
            await stream.ReadExactlyAsync(payload, TestContext.Current.CancellationToken);
            return (head[3], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The status that the stream is answered with; 0 when it is reset, null when the connection ends.</summary>
    public async Task<int?> StatusAsync(int streamId)
    {
        while (await ReadAsync() is { } frame)
        {
            if (frame.StreamId == streamId && frame.Type is Headers or Reset)
            {
                return frame.Type == Reset ? 0 : StatusOf(frame.Payload);
            }
        }
        return null;
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    // An indexed :status of the static table (RFC 7541, appendix A), or a literal with its name.
    private static int StatusOf(ReadOnlySpan<byte> block)
    {
        while (block[0] is >= 0x20 and < 0x40)
        {
            block = block[1..];
        }
        ReadOnlySpan<int> indexed = [200, 204, 206, 304, 400, 404, 500];
        return block[0] >= 0x88
            ? indexed[block[0] - 0x88]
            : int.Parse(block.Slice(2, 3), System.Globalization.CultureInfo.InvariantCulture);
    }
}
