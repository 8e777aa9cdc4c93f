using System.Net;
using System.Net.Sockets;
using System.Text;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>
/// A server that is ready, reads each request, says what a test wants of an answer, and closes its end in good order, as a process that
/// ends does. Kestrel would reset the connection instead, which HTTP clients treat otherwise.
/// </summary>
internal sealed class HangingUpServer : IAsyncDisposable
{
    private const string Ready = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _says;
    private readonly Task _serving;
    private int _requests;

    /// <param name="says">The beginning of an answer; empty for none at all.</param>
    public HangingUpServer(string says = "")
    {
        _says = says;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>How many requests came, without the probes.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var socket = await _listener.AcceptSocketAsync(_stopping.Token);
            var buffer = new byte[16 * 1024];
            var read = 0;
            while (!IsWhole(buffer.AsSpan(0, read)))
            {
                var more = await socket.ReceiveAsync(buffer.AsMemory(read), _stopping.Token);
                if (more == 0)
                {
                    break;
                }
                read += more;
            }
            if (read == 0)
            {
                continue;
            }
            var isProbe = buffer.AsSpan(0, read).StartsWith("GET /health/ready"u8);
            if (!isProbe)
            {
                Interlocked.Increment(ref _requests);
            }
            await socket.SendAsync(Encoding.ASCII.GetBytes(isProbe ? Ready : _says), _stopping.Token);
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> request)
    {
        var end = request.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }
        var head = Encoding.ASCII.GetString(request[..end]);
        var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return request.Length
            >= end + 4 + (length is null ? 0 : int.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
