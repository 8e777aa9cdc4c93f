namespace QuickPay.Cli.Local;

/// <summary>What <see cref="LocalStack.StartAsync"/> shall start.</summary>
public sealed record LocalStackOptions
{
    /// <summary>The servers underneath.</summary>
    public required LocalServersOptions Servers { get; init; }

    /// <summary>1 to 10, on ports from <see cref="Port"/> upwards.</summary>
    public int ApiServers { get; init; } = 1;

    /// <summary>Where the first API server listens.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>False for measurements that shall not meet its jobs.</summary>
    public bool WithWorker { get; init; } = true;

    /// <summary>Restart what dies. False where a test kills on purpose and looks.</summary>
    public bool Supervised { get; init; } = true;
}

/// <summary>
/// QuickPay as a whole on one machine: PostgreSQL, Redis, migrated database, API servers and worker, running until disposed.
/// <code>
/// await using var stack = await LocalStack.StartAsync(new() { Servers = new() { Data = DataFolder.At(".quickpay") } }, ct);
/// using var http = new HttpClient { BaseAddress = new Uri(stack.ApiUrls[0]) };
/// </code>
/// </summary>
public sealed class LocalStack : IAsyncDisposable
{
    // 8080 goes with 9090; a copy on another port gets another one.
    private const int InternalPortOffset = 1010;
    private readonly LocalStackOptions _options;
    private readonly Supervisor _supervisor;
    private readonly List<HostServer> _hosts = [];

    private LocalStack(LocalStackOptions options, LocalServers servers)
    {
        (_options, Servers) = (options, servers);
        _supervisor = new Supervisor(servers.Note, options.Servers.Say, options.Servers.Clock);
    }

    public LocalServers Servers { get; }

    /// <summary>The API servers first, then the worker.</summary>
    public IReadOnlyList<HostServer> Hosts => _hosts;

    /// <summary>Where members come in, one URL a server.</summary>
    public IReadOnlyList<string> ApiUrls => [.. _hosts.Where(host => host.Role == "api").Select(host => host.Address)];

    /// <summary>Starts everything and returns when all are ready. Cancelled or failed half-way, it stops what it had started.</summary>
    /// <exception cref="LocalException">A port is taken, a package is missing, the folder is in use or cannot be used.</exception>
    /// <exception cref="StartFailedException">A server ended at its start or was not ready in time.</exception>
    public static async Task<LocalStack> StartAsync(LocalStackOptions options, CancellationToken cancellationToken)
    {
        var underneath = options.Servers with
        {
            OnceAlone = () => RequireFreePorts(options),
            PromisedPorts = [.. Enumerable.Range(options.Port, options.ApiServers)],
        };
        var servers = await LocalServers.StartAsync(underneath, cancellationToken).ConfigureAwait(false);
        var stack = new LocalStack(options, servers);
        try
        {
            await stack.StartHostsAsync(cancellationToken).ConfigureAwait(false);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>API servers drain first, then the worker, Redis and PostgreSQL.</summary>
    public async ValueTask DisposeAsync()
    {
        await _supervisor.DisposeAsync().ConfigureAwait(false);
        foreach (var role in (string[])["api", "worker"])
        {
            var stopping = _hosts.Where(host => host.Role == role && host.Process is not null).ToList();
            if (stopping.Count > 0)
                _options.Servers.Say($"Stopping {string.Join(", ", stopping.Select(host => host.Name))}");
            await Task.WhenAll(stopping.Select(host => host.StopAsync())).ConfigureAwait(false);
        }
        _options.Servers.Say("Stopping Redis and PostgreSQL");
        await Servers.DisposeAsync().ConfigureAwait(false);
    }

    private static void RequireFreePorts(LocalStackOptions options)
    {
        for (var port = options.Port; port < options.Port + options.ApiServers; port++)
            if (!Ports.IsFree(port))
                throw new LocalException(
                    $"Port {port} on 127.0.0.1 is taken by another program (`ss -ltnp 'sport = :{port}'` names it). "
                        + $"Choose another one: ./quickpay up --port {port + 100}"
                );
    }

    private async Task StartHostsAsync(CancellationToken cancellationToken)
    {
        var (say, clock, data) = (_options.Servers.Say, _options.Servers.Clock, Servers.Data);
        if (_options.Supervised)
        {
            _supervisor.Watch(Servers.Postgres);
            _supervisor.Watch(Servers.Redis);
        }
        say("Bringing the database's schema up to date");
        await Servers.CreateMigratedDatabaseAsync(PostgresServer.DefaultDatabase, cancellationToken).ConfigureAwait(false);

        var internalPorts = InternalPorts();
        for (var i = 0; i < _options.ApiServers; i++)
        {
            var url = $"http://127.0.0.1:{_options.Port + i}";
            var settings = Settings(PostgresRoles.Api, url, $"http://127.0.0.1:{internalPorts[i]}");
            _hosts.Add(new HostServer($"api-{i + 1}", "api", "QuickPay.Api", settings, data, clock));
        }
        if (_options.WithWorker)
        {
            var url = $"http://127.0.0.1:{internalPorts[^1]}";
            _hosts.Add(new HostServer("worker", "worker", "QuickPay.Worker", Settings(PostgresRoles.Worker, url, url), data, clock));
        }

        say(
            $"Starting {_options.ApiServers} API server{(_options.ApiServers == 1 ? "" : "s")}{(_options.WithWorker ? " and the worker" : "")}"
        );
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(_hosts.Select(StartAndNoteAsync)).ConfigureAwait(false);
        if (_options.Supervised)
            _hosts.ForEach(_supervisor.Watch);
        Servers.Update(state => state with { ApiUrl = ApiUrls[0] });

        HostSettingsFile Settings(string role, string url, string internalUrl) =>
            Servers.SettingsFor(role, PostgresServer.DefaultDatabase, url, internalUrl);

        async Task StartAndNoteAsync(HostServer host)
        {
            try
            {
                await host.StartAsync(together.Token).ConfigureAwait(false);
                Servers.Note(host);
            }
            catch
            {
                // One that cannot start ends the start of all: nobody waits for the others.
                await together.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private List<int> InternalPorts()
    {
        List<int> chosen = [];
        for (var i = 0; i <= _options.ApiServers; i++)
        {
            var promised = chosen.Concat(Enumerable.Range(_options.Port, _options.ApiServers)).ToList();
            chosen.Add(Ports.FreeFrom(_options.Port + InternalPortOffset + i, promised));
        }
        return chosen;
    }
}
