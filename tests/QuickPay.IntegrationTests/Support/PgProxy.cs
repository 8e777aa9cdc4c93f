using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>A moment in the round trip that ends with COMMIT.</summary>
public enum StrikeAt
{
    Nowhere,

    /// <summary>The server gets nothing of the round trip.</summary>
    BeforeWrites,

    /// <summary>The server gets the writes, but not the COMMIT after them.</summary>
    BeforeCommit,

    /// <summary>The server gets everything and the connection ends at once: what becomes of the COMMIT is open.</summary>
    WhileCommitting,

    /// <summary>The server has said COMMIT; the client never hears it.</summary>
    AfterCommit,
}

/// <summary>What the proxy does to a connection: cut it, or let nothing through any more until <see cref="PgProxy.Thaw"/>.</summary>
internal readonly record struct Strike(StrikeAt At, bool Freezes = false);

/// <summary>
/// Stands between a client and PostgreSQL, ends TLS on both sides and knows enough of the protocol to cut or freeze a connection exactly
/// before, during and after its COMMIT. Clients must give up channel binding (<see cref="AllowMiddleman"/>): it exists to notice such a proxy.
/// </summary>
internal sealed class PgProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<PgProxyConnection, Task> _connections = [];
    private readonly ConcurrentDictionary<StrikeAt, int> _strikes = [];
    private readonly X509Certificate2 _authority;
    private TaskCompletionSource _thaw = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private int _cancelRequests;
    private int _held;
    private volatile bool _isCut;

    private PgProxy(LocalServers servers, PostgresServer postgres, int port)
    {
        Server = IPEndPoint.Parse(postgres.Address);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        var certificates = Certificates.LoadOrCreate(servers.Data.Tls, TimeProvider.System);
        _authority = X509CertificateLoader.LoadCertificateFromFile(certificates.RootCertificateFile);
        var file = Path.Combine(servers.Data.Tls, $"proxy-{Port}");
        certificates.Issue("QuickPay test proxy", $"{file}.crt", $"{file}.key", reader: null);
        Certificate = X509Certificate2.CreateFromPemFile($"{file}.crt", $"{file}.key");
        _accepting = AcceptAsync();
    }

    public IPEndPoint Server { get; }

    public X509Certificate2 Certificate { get; }

    /// <summary>Where it listens, as a setting `Hosts`.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Asked at each COMMIT of any connection.</summary>
    public Func<Strike> OnCommit { get; set; } = () => default;

    /// <summary>Requests to cancel a running statement: none may ever be made for a COMMIT.</summary>
    public int CancelRequests => Volatile.Read(ref _cancelRequests);

    /// <summary>How often something was kept from going through by a network that is cut.</summary>
    public int Held => Volatile.Read(ref _held);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>In front of these servers' PostgreSQL, or of another one of the same authority.</summary>
    /// <param name="servers">Whose authority signs the proxy's certificate.</param>
    /// <param name="port">Where to listen; 0 takes any.</param>
    /// <param name="postgres">Null: theirs.</param>
    public static PgProxy Start(LocalServers servers, int port = 0, PostgresServer? postgres = null) =>
        new(servers, postgres ?? servers.Postgres, port);

    /// <summary>For a client's settings.</summary>
    public static void AllowMiddleman(NpgsqlConnectionStringBuilder settings) => settings.ChannelBinding = ChannelBinding.Disable;

    /// <summary>How often connections were cut or frozen there.</summary>
    public int Strikes(StrikeAt at) => _strikes.GetValueOrDefault(at);

    /// <summary>Lets everything go on that was frozen, and what comes after it.</summary>
    public void Thaw()
    {
        _isCut = false;
        Interlocked.Exchange(ref _thaw, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Lets nothing through, either way, until <see cref="Thaw"/>, and tells nobody: as a network that is cut.</summary>
    public void CutNetwork() => _isCut = true;

    /// <summary>Completes when something may go through.</summary>
    public Task PassAsync(CancellationToken cancellationToken)
    {
        if (!_isCut)
        {
            return Task.CompletedTask;
        }
        Interlocked.Increment(ref _held);
        return Volatile.Read(ref _thaw).Task.WaitAsync(cancellationToken);
    }

    public Strike NextCommit() => OnCommit();

    public void CountStrike(StrikeAt at) => _strikes.AddOrUpdate(at, 1, (_, count) => count + 1);

    public void CountCancelRequest() => Interlocked.Increment(ref _cancelRequests);

    /// <summary>Completes with the next thaw.</summary>
    public Task FreezeAsync(StrikeAt at)
    {
        var thaw = Volatile.Read(ref _thaw).Task;
        CountStrike(at);
        return thaw;
    }

    public X509ChainPolicy TrustOnlyAuthority() => Certificates.TrustOnly(_authority);

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }
        await _stopping.CancelAsync();
        _listener.Stop();
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _listener.Dispose();
        _stopping.Dispose();
        Certificate.Dispose();
        _authority.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new PgProxyConnection(this, await _listener.AcceptSocketAsync(_stopping.Token));
                _connections[connection] = Task.CompletedTask;
                _connections[connection] = RunAsync(connection);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopping.
        }
        catch (InvalidOperationException) when (_stopping.IsCancellationRequested)
        {
            // Stopping between two connections: a listener that has stopped says so when it is asked for the next one.
        }
    }

    private async Task RunAsync(PgProxyConnection connection)
    {
        using (connection)
        {
            try
            {
                await connection.RunAsync(_stopping.Token);
            }
            catch (Exception ended)
                when (ended
                        is IOException
                            or SocketException
                            or ObjectDisposedException
                            or OperationCanceledException
                            or System.Security.Authentication.AuthenticationException
                )
            {
                // Cut, by us or by one of the two sides.
            }
        }
    }
}
