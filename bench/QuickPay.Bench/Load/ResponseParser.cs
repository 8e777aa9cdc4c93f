using System.Buffers.Text;

namespace QuickPay.Bench.Load;

/// <summary>A response found at the front of the received bytes.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Length">Bytes of the whole response, to be consumed.</param>
/// <param name="BodyStart">Where the body begins (for a chunked body: its first chunk's data).</param>
/// <param name="BodyLength">The body's bytes (for a chunked body: those of the first chunk, which is where the id is).</param>
/// <param name="Closes">The server will close the connection after it.</param>
/// <param name="TokenStart">Where the value of QuickPay-Consistency begins.</param>
/// <param name="TokenLength">Its bytes; 0 without one.</param>
internal readonly record struct ParsedResponse(
    int Status,
    int Length,
    int BodyStart,
    int BodyLength,
    bool Closes,
    int TokenStart = 0,
    int TokenLength = 0
);

/// <summary>What the bytes received so far amount to.</summary>
internal enum ParseOutcome
{
    Incomplete,
    Complete,
    Malformed,
}

/// <summary>
/// The least of HTTP/1.1 that answers to our own requests need (RFC 9112): status line, Content-Length or chunked body, Connection:
/// close, and our consistency token. It reads from one buffer and allocates nothing.
/// </summary>
internal static class ResponseParser
{
    public static ParseOutcome TryParse(ReadOnlySpan<byte> received, out ParsedResponse response)
    {
        response = default;
        var headEnd = received.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return ParseOutcome.Incomplete;
        }

        var head = received[..(headEnd + 2)];
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out var used) || used != 3)
        {
            return ParseOutcome.Malformed;
        }

        long contentLength = -1;
        var (chunked, closes) = (false, false);
        var (tokenStart, tokenLength) = (0, 0);
        for (var lines = head[(head.IndexOf("\r\n"u8) + 2)..]; lines.Length > 0; )
        {
            var end = lines.IndexOf("\r\n"u8);
            var line = lines[..end];
            lines = lines[(end + 2)..];
            // The first letter decides for most headers; only those four matter.
            switch (line.Length > 0 ? line[0] | 0x20 : 0)
            {
                case 'c' when Value(line, "content-length:"u8, out var value):
                    if (
                        !Utf8Parser.TryParse(value, out contentLength, out used)
                        || used != value.Length
                        || contentLength is < 0 or > int.MaxValue
                    )
                    {
                        return ParseOutcome.Malformed;
                    }

                    break;
                case 'c' when Value(line, "connection:"u8, out var value):
                    closes = EqualsIgnoreCase(value, "close"u8);
                    break;
                case 't' when Value(line, "transfer-encoding:"u8, out var value):
                    chunked = EqualsIgnoreCase(value, "chunked"u8);
                    break;
                case 'q' when Value(line, "quickpay-consistency:"u8, out var value):
                    received.Overlaps(value, out tokenStart);
                    tokenLength = value.Length;
                    break;
            }
        }

        var bodyStart = headEnd + 4;
        if (chunked)
        {
            var outcome = TryChunks(received, bodyStart, status, closes, out response);
            response = response with { TokenStart = tokenStart, TokenLength = tokenLength };
            return outcome;
        }

        if (contentLength < 0)
        {
            // Bodies that end with the connection are not for a keep-alive generator; only 204 and 304 come without a length.
            contentLength = 0;
            if (status is not (204 or 304))
            {
                return ParseOutcome.Malformed;
            }
        }

        if (received.Length - bodyStart < contentLength)
        {
            return ParseOutcome.Incomplete;
        }

        response = new ParsedResponse(
            status,
            bodyStart + (int)contentLength,
            bodyStart,
            (int)contentLength,
            closes,
            tokenStart,
            tokenLength
        );
        return ParseOutcome.Complete;
    }

    /// <summary>The transfer's id: the value of the body's first "id" property.</summary>
    public static bool TryReadId(ReadOnlySpan<byte> body, out Guid id)
    {
        var at = body.IndexOf("\"id\":\""u8);
        id = default;
        return at >= 0 && body.Length >= at + 6 + AccountSet.IdLength && Guid.TryParse(body.Slice(at + 6, AccountSet.IdLength), out id);
    }

    private static ParseOutcome TryChunks(ReadOnlySpan<byte> received, int at, int status, bool closes, out ParsedResponse response)
    {
        response = default;
        var (bodyStart, bodyLength) = (0, 0);
        while (true)
        {
            var rest = received[at..];
            var end = rest.IndexOf("\r\n"u8);
            if (end < 0)
            {
                return ParseOutcome.Incomplete;
            }

            if (!Utf8Parser.TryParse(rest[..end], out int size, out _, 'x') || size < 0)
            {
                return ParseOutcome.Malformed;
            }

            at += end + 2;
            if (received.Length - at < size + 2)
            {
                return ParseOutcome.Incomplete;
            }

            if (!received.Slice(at + size, 2).SequenceEqual("\r\n"u8))
            {
                return ParseOutcome.Malformed;
            }

            if (bodyStart == 0)
            {
                (bodyStart, bodyLength) = (at, size);
            }

            at += size + 2;
            if (size == 0)
            {
                response = new ParsedResponse(status, at, bodyStart, bodyLength, closes);
                return ParseOutcome.Complete;
            }
        }
    }

    private static bool Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> lowerName, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length < lowerName.Length || !EqualsIgnoreCase(line[..lowerName.Length], lowerName))
        {
            return false;
        }

        value = line[lowerName.Length..].Trim(" \t"u8);
        return true;
    }

    private static bool EqualsIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) =>
        System.Text.Ascii.EqualsIgnoreCase(text, lower);
}
