using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>
/// An API server that keeps the bytes it gets instead of understanding them: no HTTP server stands between them and a test. It goes by
/// Content-Length alone, as a naive parser would, so that bytes left over count as a request of their own.
/// </summary>
internal sealed class RecordingServer : IAsyncDisposable
{
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly string _serversFile = Path.GetTempFileName();

    public RecordingServer()
    {
        _listener.Start();
        File.WriteAllText(
            _serversFile,
            JsonSerializer.Serialize(new { servers = new[] { new { id = "api-1", address = $"http://{_listener.LocalEndpoint}" } } })
        );
        _ = AcceptAsync();
    }

    /// <summary>Puts an edge before this server.</summary>
    public (string, string) Setting => ("Balancing:ServersFile", _serversFile);

    /// <summary>All that came, without the probes.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public void Forget() => _requests.Clear();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        _stop.Dispose();
        File.Delete(_serversFile);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        var stream = client.GetStream();
        List<byte> bytes = [];
        var buffer = new byte[4_096];
        try
        {
            while (await stream.ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                bytes.AddRange(buffer.AsSpan(0, read));
                while (RecordedRequest.TakeFrom(bytes) is { } request)
                {
                    if (request.Line != "GET /health/ready HTTP/1.1")
                    {
                        _requests.Enqueue(request);
                    }
                    await stream.WriteAsync(Answer, _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The edge closed the connection, or the test is over.
        }
        if (bytes.Count > 0)
        {
            _requests.Enqueue(new RecordedRequest(Encoding.Latin1.GetString([.. bytes]), []));
        }
    }
}

/// <summary>A request as it came: the head in Latin-1, one character a byte, without its empty line.</summary>
internal sealed record RecordedRequest(string Head, byte[] Body)
{
    public string[] Lines => Head.Split("\r\n");

    public string Line => Lines[0];

    /// <summary>The method and the raw target.</summary>
    public string Target => Line.EndsWith(" HTTP/1.1", StringComparison.Ordinal) ? Line[..^9] : $"not HTTP/1.1: {Line}";

    public string[] Values(string header) =>
        [
            .. Lines[1..]
                .Where(line => line.StartsWith(header + ":", StringComparison.OrdinalIgnoreCase))
                .Select(line => line[(header.Length + 1)..].Trim()),
        ];

    public static RecordedRequest? TakeFrom(List<byte> bytes)
    {
        var text = Encoding.Latin1.GetString([.. bytes]);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }
        var request = new RecordedRequest(text[..end], []);
        var length = request.Values("Content-Length") is [var one] && int.TryParse(one, out var n) ? n : 0;
        if (bytes.Count < end + 4 + length)
        {
            return null;
        }
        var body = bytes.GetRange(end + 4, length).ToArray();
        bytes.RemoveRange(0, end + 4 + length);
        return request with { Body = body };
    }
}
