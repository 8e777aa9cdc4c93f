namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// QuickPay over three zones of one machine, running until disposed:
/// <code>
/// zone a                    zone b                    zone c
/// edge-1                    edge-2
/// api-1 api-2               api-3 api-4               api-5
/// worker-a                  worker-b                  worker-c
/// pg-a + Patroni, etcd      pg-b + Patroni, etcd      pg-c + Patroni, etcd
/// replica-1                 replica-2                 replica-3
/// redis-a, sentinel         redis-b, sentinel         redis-c, sentinel
/// </code>
/// </summary>
public sealed class ZonedStack : IAsyncDisposable
{
    private const string SharedBuffers = "128MB";
    private const int RedisPort = 6379;
    private const int SentinelPort = 26379;
    private static readonly (string Zone, int Servers)[] ApiServersOf = [("a", 2), ("b", 2), ("c", 1)];
    private static readonly string[] EdgesIn = ["a", "b"];
    private readonly ZonedStackOptions _options;
    private readonly RunStateKeeper _state;
    private readonly Supervisor _supervisor;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<HostServer> _hosts = [];
    private readonly ZonedSettings _settings;
    private Task _watching = Task.CompletedTask;
    private Task _guarding = Task.CompletedTask;

    private ZonedStack(ZonedStackOptions options, RunStateKeeper state, ZoneNetwork network, Secrets secrets, Certificates certificates)
    {
        (_options, _state, Network) = (options, state, network);
        var tuning = new PostgresTuning(options.Durable, SharedBuffers);
        Postgres = new ZonedPostgres(options.Data, network, secrets, certificates, tuning, options.Say, options.Clock);
        Redis = new ReplicatedRedis(
            options.Data,
            secrets,
            certificates,
            options.Clock,
            OsUser.StepDownTo("redis", "redis-server"),
            [.. network.Zones.Select(zone => new RedisZone(zone.Name, zone.Address, RedisPort, SentinelPort, zone.Namespace))]
        );
        _settings = new ZonedSettings(options.Data, secrets, certificates, Postgres, Redis);
        _supervisor = new Supervisor(state.Note, options.Say, options.Clock);
    }

    /// <summary>The zones, and what cuts them off.</summary>
    public ZoneNetwork Network { get; }

    /// <summary>The database with Patroni and etcd.</summary>
    public ZonedPostgres Postgres { get; }

    /// <summary>Redis with its sentinels.</summary>
    public ReplicatedRedis Redis { get; }

    /// <summary>Whether the disks of PostgreSQL's nodes can be filled.</summary>
    public bool HasSmallDisks => _options.DiskMegabytes is not null;

    /// <summary>Where all of it is.</summary>
    public DataFolder Data => _options.Data;

    /// <summary>API servers, workers and edges.</summary>
    public IReadOnlyList<HostServer> Hosts => _hosts;

    /// <summary>Where members come in: one URL an edge.</summary>
    public IReadOnlyList<string> EdgeUrls => [.. OfRole("edge").Select(host => host.Address)];

    /// <summary>The API servers behind the edges, which only this machine and the zones reach.</summary>
    public IReadOnlyList<string> ApiUrls => [.. OfRole("api").Select(host => host.Address)];

    /// <summary>Starts everything and returns when all are ready. Cancelled or failed half-way, it stops what it had started.</summary>
    /// <exception cref="LocalException">A package is missing, the folder is in use or cannot be used.</exception>
    /// <exception cref="StartFailedException">A server ended at its start or was not ready in time.</exception>
    public static async Task<ZonedStack> StartAsync(ZonedStackOptions options, CancellationToken cancellationToken)
    {
        var data = options.Data;
        data.Create();
        var folderLock = FolderLock.Take(data);
        ZoneNetwork? network = null;
        ZonedStack? stack = null;
        RunStateKeeper? state = null;
        try
        {
            await FolderLock.StopOrphansAsync(data, options.Say, options.Clock, cancellationToken).ConfigureAwait(false);
            // From here on a successor knows whose folder this is, however we end.
            state = new RunStateKeeper(data, folderLock);
            if (options.Fresh)
            {
                data.Empty();
                data.Create();
                state.Update(running => running);
            }
            // What a run left that was killed.
            SmallDisk.UnmountBelow(data.Servers);
            data.RequireTopology(multiAz: true);
            network = await ZoneNetwork.CreateAsync(data, cancellationToken).ConfigureAwait(false);
            OsUser?[] users =
            [
                OsUser.StepDownTo("postgres", "postgresql-15"),
                OsUser.StepDownTo("redis", "redis-server"),
                OsUser.StepDownTo("etcd", "etcd-server"),
            ];
            await data.PlaceServersAsync([.. users.OfType<OsUser>()], options.Say, cancellationToken).ConfigureAwait(false);
            var secrets = Secrets.LoadOrCreate(data.Secrets, ZonedSettings.SecretNames);
            var certificates = Certificates.LoadOrCreate(data.Tls, options.Clock);
            PrivateFile.WriteForAll(data.RootCertificate, File.ReadAllText(certificates.RootCertificateFile));
            stack = new ZonedStack(options, state, network, secrets, certificates);
            if (options.DiskMegabytes is { } megabytes)
                foreach (var node in stack.Postgres.Nodes)
                    await node.LimitDiskAsync(megabytes, cancellationToken).ConfigureAwait(false);
            await stack.StartServersAsync(cancellationToken).ConfigureAwait(false);
            return stack;
        }
        catch
        {
            if (stack is not null)
                await stack.DisposeAsync().ConfigureAwait(false);
            else
            {
                if (network is not null)
                    await network.RemoveAsync().ConfigureAwait(false);
                if (options.DeleteAtEnd)
                    data.Delete();
                if (state is not null)
                    state.Release(ended: !options.DeleteAtEnd);
                else
                    folderLock.Dispose();
            }
            throw;
        }
    }

    /// <summary>From here on this server stays down when it ends, as one on a lost machine does.</summary>
    public void HoldDown(ILocalServer server) => _supervisor.Hold(server);

    /// <summary>Lets a server come back that was held down.</summary>
    public void BringBack(ILocalServer server) => _supervisor.LetGo(server);

    /// <inheritdoc cref="ZonedMissing.InAsync" />
    public Task<IReadOnlyList<string>> MissingAsync(CancellationToken cancellationToken) => ZonedMissing.InAsync(this, cancellationToken);

    /// <summary>Edges drain first, then API servers and workers, Redis, PostgreSQL, etcd; the network goes last.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Exception> failures = [];
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _guarding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StepAsync(() => _supervisor.DisposeAsync().AsTask()).ConfigureAwait(false);
        if (Network.CanBeCut)
            foreach (var zone in Network.Zones)
                await StepAsync(() => Network.HealAsync(zone)).ConfigureAwait(false);
        foreach (var role in (string[])["edge", "api", "worker"])
        {
            var stopping = OfRole(role).Where(host => host.Process is not null).ToList();
            if (stopping.Count > 0)
                _options.Say($"Stopping {string.Join(", ", stopping.Select(host => host.Name))}");
            await StepAsync(() => Task.WhenAll(stopping.Select(host => host.StopAsync()))).ConfigureAwait(false);
        }
        _options.Say("Stopping Redis, PostgreSQL and etcd");
        await StepAsync(Redis.StopAsync).ConfigureAwait(false);
        await StepAsync(Postgres.StopAsync).ConfigureAwait(false);
        HealthProbe.Forget(Data.RootCertificate);
        await StepAsync(Network.RemoveAsync).ConfigureAwait(false);
        if (_options.DeleteAtEnd)
            await StepAsync(() => Task.Run(Data.Delete)).ConfigureAwait(false);
        _state.Release(ended: !_options.DeleteAtEnd);
        _stopping.Dispose();
        if (failures.Count > 0)
            throw new StartFailedException(
                $"Not all could be taken down: {string.Join("; ", failures.Select(failure => failure.Message))}"
            );

        // What one step cannot do must not keep the others from being done.
        async Task StepAsync(Func<Task> step)
        {
            try
            {
                await step().ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }
    }

    private async Task StartServersAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Postgres.StartAsync(_state.Note, cancellationToken), StartRedisAsync()).ConfigureAwait(false);
        ILocalServer[] underneath = [.. Postgres.Etcd, .. Postgres.Nodes, .. Redis.Servers, .. Redis.Sentinels];
        foreach (var server in underneath)
            _supervisor.Watch(server);
        _watching = new PostgresWatch(Postgres, _state, _options.Say, _options.Clock).RunAsync(_stopping.Token);
        _guarding = new PatroniWatchdog(Postgres.Nodes, _options.Say, _options.Clock).WatchAsync(Postgres.ViewAsync, _stopping.Token);

        var (data, clock) = (_options.Data, _options.Clock);
        foreach (var (zoneName, count) in ApiServersOf)
            for (var i = 0; i < count; i++)
            {
                var (name, zone) = ($"api-{OfRole("api").Count() + 1}", Zone(zoneName));
                _hosts.Add(new HostServer(name, "api", "QuickPay.Api", _settings.OfApi(name, zone, i), data, clock, zone));
            }
        foreach (var zone in Network.Zones)
            _hosts.Add(new HostServer($"worker-{zone.Name}", "worker", "QuickPay.Worker", _settings.OfWorker(zone), data, clock, zone));
        _options.Say("Starting the API servers and the workers");
        await StartTogether.AllAsync(_hosts, _state.Note, cancellationToken).ConfigureAwait(false);

        // After them: an edge is ready when an API server is.
        ServersFile.Write(data, OfRole("api"));
        foreach (var (i, zoneName) in EdgesIn.Index())
        {
            var (name, zone) = ($"edge-{i + 1}", Zone(zoneName));
            _hosts.Add(
                new HostServer(
                    name,
                    "edge",
                    "QuickPay.Edge",
                    _options.EdgeSettings(_settings.OfEdge(name, zone, _options.Port)),
                    data,
                    clock,
                    zone
                )
            );
        }
        _options.Say("Starting the edges");
        await StartTogether.AllAsync(OfRole("edge"), _state.Note, cancellationToken).ConfigureAwait(false);
        _hosts.ForEach(_supervisor.Watch);
        _state.Update(state => state with { ApiUrl = ApiUrls[0], EdgeUrl = EdgeUrls[0] });

        async Task StartRedisAsync()
        {
            _options.Say("Starting Redis and its sentinels");
            await Redis.StartAsync(cancellationToken).ConfigureAwait(false);
            foreach (var server in (ILocalServer[])[.. Redis.Servers, .. Redis.Sentinels])
                _state.Note(server);
        }
    }

    private Zone Zone(string name) => Network.Zones.Single(zone => zone.Name == name);

    private IEnumerable<HostServer> OfRole(string role) => _hosts.Where(host => host.Role == role);
}
