namespace QuickPay.Cli.Local;

/// <summary>What <see cref="LocalStack.StartAsync"/> shall start.</summary>
public sealed record LocalStackOptions
{
    /// <summary>The servers underneath.</summary>
    public required LocalServersOptions Servers { get; init; }

    /// <summary>1 to 10, on ports that follow one another.</summary>
    public int ApiServers { get; init; } = 1;

    /// <summary>Where members come in: the edge's HTTPS port, which decides the others (<see cref="StackPorts"/>); without an edge, the first API server's.</summary>
    public int Port { get; init; } = StackPorts.DefaultHttps;

    /// <summary>0 to 3, on HTTPS ports that follow one another; the first one redirects plain HTTP. 0 for measurements of the API alone.</summary>
    public int Edges { get; init; } = 1;

    /// <summary>Changes an edge's settings before they are written: for stacks whose members are something else than people.</summary>
    public Func<EdgeSettingsFile, EdgeSettingsFile> EdgeSettings { get; init; } = settings => settings;

    /// <summary>What an API server, counted from 0, is told besides by its environment: for comparing one with another.</summary>
    public Func<int, IReadOnlyDictionary<string, string>> ApiEnvironment { get; init; } = _ => new Dictionary<string, string>();

    /// <summary>Each API server writes a line a request.</summary>
    public bool LogRequests { get; init; }

    /// <summary>False for measurements that shall not meet its jobs.</summary>
    public bool WithWorker { get; init; } = true;

    /// <summary>Restart what dies. False where a test kills on purpose and looks.</summary>
    public bool Supervised { get; init; } = true;
}

/// <summary>
/// QuickPay as a whole on one machine: PostgreSQL, Redis, migrated database, API servers, worker and edge, running until disposed.
/// <code>
/// await using var stack = await LocalStack.StartAsync(new() { Servers = new() { Data = DataFolder.At(".quickpay") } }, ct);
/// using var http = new HttpClient { BaseAddress = new Uri(stack.ApiUrls[0]) };
/// </code>
/// </summary>
public sealed class LocalStack : IAsyncDisposable
{
    private readonly LocalStackOptions _options;
    private readonly Supervisor _supervisor;
    private readonly List<HostServer> _hosts = [];

    private LocalStack(LocalStackOptions options, LocalServers servers)
    {
        (_options, Servers, Listens) = (options, servers, PortsOf(options));
        _supervisor = new Supervisor(servers.Note, options.Servers.Say, options.Servers.Clock);
    }

    /// <summary>PostgreSQL and Redis underneath.</summary>
    public LocalServers Servers { get; }

    /// <summary>Its ports.</summary>
    public StackPorts Listens { get; }

    /// <summary>The API servers first, then the worker and the edges.</summary>
    public IReadOnlyList<HostServer> Hosts => _hosts;

    /// <summary>The API servers behind the edge, one URL each.</summary>
    public IReadOnlyList<string> ApiUrls => [.. OfRole("api").Select(host => host.Address)];

    /// <summary>Where members come in, one URL an edge.</summary>
    public IReadOnlyList<string> EdgeUrls => [.. OfRole("edge").Select(host => host.Address)];

    /// <summary>Starts everything and returns when all are ready. Cancelled or failed half-way, it stops what it had started.</summary>
    /// <exception cref="LocalException">A port is taken, a package is missing, the folder is in use or cannot be used.</exception>
    /// <exception cref="StartFailedException">A server ended at its start or was not ready in time.</exception>
    public static async Task<LocalStack> StartAsync(LocalStackOptions options, CancellationToken cancellationToken)
    {
        var underneath = options.Servers with
        {
            OnceAlone = () => RequireFreePorts(options),
            PromisedPorts = [.. FixedPorts(options).Select(fixedPort => fixedPort.Port)],
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

    /// <summary>The edge drains first, then the API servers, the worker, Redis and PostgreSQL: what is under way finds all that it needs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _supervisor.DisposeAsync().ConfigureAwait(false);
        foreach (var role in (string[])["edge", "api", "worker"])
        {
            var stopping = OfRole(role).Where(host => host.Process is not null).ToList();
            if (stopping.Count > 0)
                _options.Servers.Say($"Stopping {string.Join(", ", stopping.Select(host => host.Name))}");
            await Task.WhenAll(stopping.Select(host => host.StopAsync())).ConfigureAwait(false);
        }
        _options.Servers.Say("Stopping Redis and PostgreSQL");
        await Servers.DisposeAsync().ConfigureAwait(false);
    }

    private static StackPorts PortsOf(LocalStackOptions options) =>
        options.Edges > 0 ? StackPorts.Of(options.Port) : StackPorts.WithoutEdge(options.Port);

    /// <summary>The ports that the command line promises; an edge's are its on ::1 too.</summary>
    private static IEnumerable<(int Port, bool OfEdge)> FixedPorts(LocalStackOptions options)
    {
        var ports = PortsOf(options);
        if (options.Edges > 0)
            yield return (ports.Redirect, true);
        foreach (var port in Enumerable.Range(ports.Https, options.Edges))
            yield return (port, true);
        foreach (var port in Enumerable.Range(ports.Api, options.ApiServers))
            yield return (port, false);
    }

    private static void RequireFreePorts(LocalStackOptions options)
    {
        foreach (var (port, ofEdge) in FixedPorts(options))
            if (!(ofEdge ? Ports.IsFreeForBoth(port) : Ports.IsFree(port)))
                throw new LocalException(
                    $"Port {port} on {(Ports.IsFree(port) ? "::1" : "127.0.0.1")} is taken by another program (`ss -ltnp 'sport = :{port}'` names it). "
                        + $"Choose others: ./quickpay up --port {options.Port + 100}"
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

        var internalPorts = new Queue<int>(InternalPorts());
        for (var i = 0; i < _options.ApiServers; i++)
        {
            var settings = Settings(PostgresRoles.Api, LoopbackUrl(Listens.Api + i), LoopbackUrl(internalPorts.Dequeue()));
            settings = settings with { Api = settings.Api! with { LogRequests = _options.LogRequests } };
            _hosts.Add(
                new HostServer($"api-{i + 1}", "api", "QuickPay.Api", settings, data, clock) { Environment = _options.ApiEnvironment(i) }
            );
        }
        if (_options.WithWorker)
        {
            var url = LoopbackUrl(internalPorts.Dequeue());
            _hosts.Add(new HostServer("worker", "worker", "QuickPay.Worker", Settings(PostgresRoles.Worker, url, url), data, clock));
        }
        say(
            $"Starting {_options.ApiServers} API server{(_options.ApiServers == 1 ? "" : "s")}{(_options.WithWorker ? " and the worker" : "")}"
        );
        await StartTogether.AllAsync(_hosts, Servers.Note, cancellationToken).ConfigureAwait(false);

        // After them: an edge is ready when an API server is.
        ServersFile.Write(data, OfRole("api"));
        for (var i = 0; i < _options.Edges; i++)
        {
            var settings = Servers.EdgeSettings(
                $"edge-{i + 1}",
                Listens.Https + i,
                redirect: i == 0 ? Listens.Redirect : null,
                internalPorts.Dequeue()
            );
            _hosts.Add(new HostServer($"edge-{i + 1}", "edge", "QuickPay.Edge", _options.EdgeSettings(settings), data, clock));
        }
        if (_options.Edges > 0)
            say("Starting the edge");
        await StartTogether.AllAsync(OfRole("edge"), Servers.Note, cancellationToken).ConfigureAwait(false);

        if (_options.Supervised)
            _hosts.ForEach(_supervisor.Watch);
        Servers.Update(state => state with { ApiUrl = ApiUrls[0], EdgeUrl = EdgeUrls is [var edge, ..] ? edge : null });

        HostSettingsFile Settings(string role, string url, string internalUrl) =>
            Servers.SettingsFor(role, PostgresServer.DefaultDatabase, url, internalUrl);

        static string LoopbackUrl(int port) => $"http://127.0.0.1:{port}";
    }

    private IEnumerable<HostServer> OfRole(string role) => _hosts.Where(host => host.Role == role);

    private List<int> InternalPorts()
    {
        List<int> chosen = [.. FixedPorts(_options).Select(fixedPort => fixedPort.Port)];
        var promised = chosen.Count;
        for (var i = 0; i < _options.ApiServers + 1 + _options.Edges; i++)
            chosen.Add(Ports.FreeFrom(Listens.Internal + i, chosen));
        return chosen[promised..];
    }
}
