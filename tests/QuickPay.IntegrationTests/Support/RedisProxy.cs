using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>
/// Stands between an API server and Redis, ends TLS on both sides, and knows enough of the protocol to lose the writes of the cache while
/// everything else passes: they are made under another name, and answered as if they had been made.
/// </summary>
internal sealed class RedisProxy : IAsyncDisposable
{
    private static readonly byte[] Cached = Encoding.ASCII.GetBytes("qp:v1:balance:");
    private static readonly byte[] Lost = Encoding.ASCII.GetBytes("qp:v1:no-one::");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<TcpClient, Task> _connections = [];
    private readonly RedisConnection _server;
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2 _authority;
    private readonly Task _accepting;
    private int _lostWrites;

    public RedisProxy(LocalServers servers)
    {
        _server = servers.Redis.Connection(RedisUsers.Api);
        _listener.Start();
        var certificates = Certificates.LoadOrCreate(servers.Data.Tls, TimeProvider.System);
        _authority = X509CertificateLoader.LoadCertificateFromFile(certificates.RootCertificateFile);
        var file = Path.Combine(servers.Data.Tls, $"redis-proxy-{((IPEndPoint)_listener.LocalEndpoint).Port}");
        certificates.Issue("QuickPay test proxy", $"{file}.crt", $"{file}.key", reader: null);
        _certificate = X509Certificate2.CreateFromPemFile($"{file}.crt", $"{file}.key");
        _accepting = AcceptAsync();
    }

    /// <summary>`host:port`, instead of Redis's own.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Whether a write of balances gets lost; asked for each.</summary>
    public Func<bool> LosesWrite { get; set; } = () => false;

    /// <summary>For how long answers are held back.</summary>
    public TimeSpan Delay { get; set; }

    public int LostWrites => Volatile.Read(ref _lostWrites);

    /// <summary>Ends every connection there is.</summary>
    public void Cut()
    {
        foreach (var client in _connections.Keys)
        {
            client.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _certificate.Dispose();
        _authority.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _connections[client] = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        await Task.Yield();
        using var server = new TcpClient();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        try
        {
            await using var near = new SslStream(client.GetStream());
            await near.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate, ClientCertificateRequired = false },
                ended.Token
            );
            var address = IPEndPoint.Parse(_server.Endpoints);
            await server.ConnectAsync(address, ended.Token);
            await using var far = new SslStream(server.GetStream());
            await far.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = address.Address.ToString(),
                    CertificateChainPolicy = Certificates.TrustOnly(_authority),
                },
                ended.Token
            );
            var first = await Task.WhenAny(CommandsAsync(near, far, ended.Token), AnswersAsync(far, near, ended.Token));
            await ended.CancelAsync();
            client.Close();
            server.Close();
            await first;
        }
        catch (Exception e)
            when (e
                    is OperationCanceledException
                        or IOException
                        or SocketException
                        or ObjectDisposedException
                        or System.Security.Authentication.AuthenticationException
            )
        {
            // One side has gone: so goes the other.
        }
        finally
        {
            client.Dispose();
            _connections.TryRemove(client, out _);
        }
    }

    private async Task AnswersAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (Delay > TimeSpan.Zero)
            {
                using var timer = new PeriodicTimer(Delay, TimeProvider.System);
                await timer.WaitForNextTickAsync(cancellationToken);
            }
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private async Task CommandsAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(from, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (CommandEnd(rest) is { } end)
            {
                var command = rest.Slice(0, end).ToArray();
                rest = rest.Slice(end);
                if (IsWriteOfBalances(command) && LosesWrite())
                {
                    Interlocked.Increment(ref _lostWrites);
                    Rename(command);
                }
                await to.WriteAsync(command, cancellationToken);
            }
            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static bool IsWriteOfBalances(ReadOnlySpan<byte> command) =>
        command[..Math.Min(command.Length, 40)].IndexOf("EVAL"u8) >= 0 && command.IndexOf(Cached) >= 0;

    private static void Rename(Span<byte> command)
    {
        for (var at = command.IndexOf(Cached); at >= 0; at = command.IndexOf(Cached))
        {
            Lost.CopyTo(command[at..]);
        }
    }

    /// <summary>Where the first command ends: `*2`, then each part as `$3`, its bytes, and line ends between; null while it is not all there.</summary>
    private static SequencePosition? CommandEnd(ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        if (!TryReadNumber(ref reader, out var parts))
        {
            return null;
        }
        for (var part = 0; part < parts; part++)
        {
            if (!TryReadNumber(ref reader, out var length) || reader.Remaining < length + 2)
            {
                return null;
            }
            reader.Advance(length + 2);
        }
        return reader.Position;
    }

    private static bool TryReadNumber(ref SequenceReader<byte> reader, out int number)
    {
        number = 0;
        return reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8)
            && int.TryParse(line.Slice(1).ToArray(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
