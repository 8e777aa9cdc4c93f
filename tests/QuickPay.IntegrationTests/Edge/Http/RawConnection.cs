using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>One connection on which a test writes what it likes and reads what comes: bytes are characters of Latin-1.</summary>
internal sealed class RawConnection(Stream stream) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private string _read = "";

    public static async Task<RawConnection> OpenAsync(EdgeUnderTest edge, IPAddress? from = null) =>
        new(await edge.ConnectAsync(from: from));

    /// <summary>To the port of plain HTTP.</summary>
    public static async Task<RawConnection> OpenPlainAsync(EdgeUnderTest edge)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", edge.Http.Port, TestContext.Current.CancellationToken);
        return new(client.GetStream());
    }

    public async Task SendAsync(string text)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);
        await stream.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Sends, and reads one answer; null when the connection ends without one.</summary>
    public async Task<RawAnswer?> AskAsync(string text)
    {
        // Closed while we wrote; the answer may be there all the same.
        await AskNothingAsync(text);
        return await ReadAsync();
    }

    /// <summary>Sends, and does not care whether the other side still listens.</summary>
    public async Task AskNothingAsync(string text)
    {
        try
        {
            await SendAsync(text);
        }
        catch (IOException)
        {
            // It does not.
        }
    }

    /// <summary>
    /// The next answer, <c>100 Continue</c> only when asked for; null at the connection's end. Half a minute of silence is a failure: a test
    /// of a deadline that is not kept must not wait for ever.
    /// </summary>
    public async Task<RawAnswer?> ReadAsync(bool interim = false)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        while (true)
        {
            if (RawAnswer.TakeFrom(ref _read) is { } answer)
            {
                if (answer.Status >= 200 || interim)
                {
                    return answer;
                }
                continue;
            }
            deadline.CancelAfter(Patience);
            if (!await FillAsync(deadline.Token))
            {
                return null;
            }
        }
    }

    /// <summary>Whether the other side ends the connection within half a minute, whatever it still says before.</summary>
    public async Task<bool> EndsAsync()
    {
        var test = TestContext.Current.CancellationToken;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(test);
        deadline.CancelAfter(Patience);
        try
        {
            while (await FillAsync(deadline.Token)) { }
            return true;
        }
        catch (OperationCanceledException) when (!test.IsCancellationRequested)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    public SslStream Tls => (SslStream)stream;

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        int read;
        try
        {
            read = await stream.ReadAsync(_buffer, cancellationToken);
        }
        catch (IOException)
        {
            read = 0;
        }
        _read += Encoding.Latin1.GetString(_buffer, 0, read);
        return read > 0;
    }
}

/// <summary>An answer as it came.</summary>
internal sealed record RawAnswer(string Head, string Body)
{
    public int Status => int.Parse(Head.AsSpan(9, 3), CultureInfo.InvariantCulture);

    public string? this[string header] =>
        Head.Split("\r\n")[1..]
            .Where(line => line.StartsWith(header + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(header.Length + 1)..].Trim())
            .SingleOrDefault();

    public static RawAnswer? TakeFrom(ref string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }
        var answer = new RawAnswer(text[..end], "");
        var rest = text[(end + 4)..];
        if (answer["Transfer-Encoding"] == "chunked")
        {
            return TakeChunks(answer, rest, ref text);
        }
        var length = answer["Content-Length"] is { } header ? int.Parse(header, CultureInfo.InvariantCulture) : 0;
        if (rest.Length < length)
        {
            return null;
        }
        text = rest[length..];
        return answer with { Body = rest[..length] };
    }

    private static RawAnswer? TakeChunks(RawAnswer answer, string rest, ref string text)
    {
        var body = "";
        while (rest.IndexOf("\r\n", StringComparison.Ordinal) is > 0 and var line)
        {
            var size = int.Parse(rest.AsSpan(0, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (rest.Length < line + 2 + size + 2)
            {
                return null;
            }
            body += rest.Substring(line + 2, size);
            rest = rest[(line + 2 + size + 2)..];
            if (size == 0)
            {
                text = rest;
                return answer with { Body = body };
            }
        }
        return null;
    }
}
