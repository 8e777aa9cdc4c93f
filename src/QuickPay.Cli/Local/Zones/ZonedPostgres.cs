namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// PostgreSQL over three zones: a primary and a synchronous standby, a third node that may become either, and read replicas that stream
/// from the synchronous standby. Patroni and etcd decide who is what.
/// </summary>
public sealed class ZonedPostgres
{
    private const int ReplicaCount = 3;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private readonly Secrets _secrets;
    private readonly Certificates _certificates;
    private readonly Action<string> _say;
    private readonly TimeProvider _clock;

    internal ZonedPostgres(
        DataFolder data,
        ZoneNetwork network,
        Secrets secrets,
        Certificates certificates,
        PostgresTuning tuning,
        Action<string> say,
        TimeProvider clock
    )
    {
        (_secrets, _certificates, _say, _clock) = (secrets, certificates, say, clock);
        var (postgres, etcd) = (OsUser.StepDownTo("postgres", "postgresql-15"), OsUser.StepDownTo("etcd", "etcd-server"));
        Etcd = [.. network.Zones.Select(zone => new EtcdServer(data, zone, network.Zones, etcd, clock))];
        Nodes = [.. network.Zones.Select(zone => new PatroniNode(data, zone, postgres, clock))];
        Replicas =
        [
            .. Enumerable.Range(0, ReplicaCount).Select(i => new ReadReplica(i + 1, data, network.Zones[i], postgres, tuning, clock)),
        ];
        var etcdCertificates = Certificates.LoadOrCreate(Path.Combine(data.Tls, "etcd"), clock);
        foreach (var server in Etcd)
            server.Prepare(etcdCertificates);
        foreach (var node in Nodes)
            node.Prepare(certificates, etcdCertificates, secrets, tuning, network);
        foreach (var replica in Replicas)
            replica.Prepare(certificates, secrets, network.Subnet);
    }

    internal IReadOnlyList<EtcdServer> Etcd { get; }

    /// <summary>Those that may become primary, in the order of their zones.</summary>
    public IReadOnlyList<PatroniNode> Nodes { get; }

    /// <summary>1 history, 2 statistics, 3 reports.</summary>
    public IReadOnlyList<ReadReplica> Replicas { get; }

    /// <summary>How a role reaches the primary among the nodes, whichever it is.</summary>
    public PostgresConnection Connection(string role, string database = PostgresServer.DefaultDatabase) =>
        ConnectionTo(string.Join(',', Nodes.Select(node => node.PostgresAddress)), role, database);

    /// <summary>How a role reaches one node, whatever it is.</summary>
    public PostgresConnection ConnectionTo(PatroniNode node, string role) =>
        ConnectionTo(node.PostgresAddress, role, PostgresServer.DefaultDatabase);

    /// <summary>What all say of themselves.</summary>
    public Task<PostgresView> ViewAsync(CancellationToken cancellationToken) => PostgresView.ReadAsync(WaysIn(), cancellationToken);

    /// <summary>The node of this name: `pg-a`.</summary>
    public PatroniNode NodeOf(string name) => Nodes.Single(node => node.NodeName == name);

    /// <summary>Starts etcd and the nodes, makes the database or brings it up to date, then starts the replicas.</summary>
    /// <exception cref="StartFailedException">One ended, or there was no pair of primary and standby in time.</exception>
    internal async Task StartAsync(Action<ILocalServer> started, CancellationToken cancellationToken)
    {
        _say("Starting etcd in three zones");
        await StartTogether.AllAsync(Etcd, started, cancellationToken).ConfigureAwait(false);
        // A Patroni that finds none to ask looks again only after seconds.
        await Task.WhenAll(Etcd.Select(server => server.WhenLedAsync(cancellationToken))).ConfigureAwait(false);

        _say("Starting PostgreSQL: the primary, then its standbys");
        // The first time the first node makes the database; later on whoever was primary last is found by all together.
        if (!Nodes.Any(node => node.HasData))
        {
            await StartTogether.AllAsync([Nodes[0]], started, cancellationToken).ConfigureAwait(false);
            await UntilAsync(view => view.Primary is not null, "became primary", cancellationToken).ConfigureAwait(false);
        }
        await StartTogether.AllAsync(Nodes.Where(node => node.Process is null), started, cancellationToken).ConfigureAwait(false);
        var view = await UntilAsync(view => SynchronousStandbyIn(view) is not null, "found a synchronous standby", cancellationToken)
            .ConfigureAwait(false);

        _say("Bringing the database's schema up to date");
        var primary = NodeOf(view.Primary!.Name);
        await PostgresRoles.CreateAsync(primary.SuperuserConnectionString(), _secrets, cancellationToken).ConfigureAwait(false);
        await PostgresDatabases
            .CreateMigratedAsync(
                primary.SuperuserConnectionString(),
                ConnectionTo(primary.PostgresAddress, PostgresRoles.Migrator, PostgresServer.DefaultDatabase).ConnectionString,
                PostgresServer.DefaultDatabase,
                cancellationToken
            )
            .ConfigureAwait(false);

        _say("Starting the read replicas");
        var standby = SynchronousStandbyIn(await ViewAsync(cancellationToken).ConfigureAwait(false)) ?? SynchronousStandbyIn(view)!;
        foreach (var replica in Replicas.Where(replica => !replica.HasData))
            await replica.CopyAsync(standby, cancellationToken).ConfigureAwait(false);
        foreach (var replica in Replicas)
            replica.Follow(standby);
        await StartTogether.AllAsync(Replicas, started, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replicas, then nodes, the primary last: nobody takes over in between.</summary>
    internal async Task StopAsync()
    {
        await Task.WhenAll(Replicas.Select(replica => replica.StopAsync())).ConfigureAwait(false);
        var primary = (await ViewAsync(CancellationToken.None).ConfigureAwait(false)).Primary?.Name;
        await Task.WhenAll(Nodes.Where(node => node.NodeName != primary).Select(node => node.StopAsync())).ConfigureAwait(false);
        await Task.WhenAll(Nodes.Select(node => node.StopAsync())).ConfigureAwait(false);
        await Task.WhenAll(Etcd.Select(server => server.StopAsync())).ConfigureAwait(false);
        await PostgresView.ForgetAsync(WaysIn()).ConfigureAwait(false);
    }

    private IEnumerable<(string Name, string Superuser)> WaysIn() =>
        Nodes
            .Select(node => (node.NodeName, node.SuperuserConnectionString()))
            .Concat(Replicas.Select(replica => (replica.Name, replica.SuperuserConnectionString())));

    /// <summary>The node that acknowledges the primary's commits; null when there is none.</summary>
    public PatroniNode? SynchronousStandbyIn(PostgresView view) =>
        view.Primary is { } primary ? Nodes.FirstOrDefault(node => primary.Acknowledging.Contains(node.NodeName)) : null;

    /// <summary>What is not as it should be.</summary>
    internal IEnumerable<string> MissingIn(PostgresView view)
    {
        if (view.Primary is not { } primary)
        {
            yield return "PostgreSQL has no primary";
            yield break;
        }
        var standby = SynchronousStandbyIn(view);
        if (standby is null)
            yield return $"{primary.Name} has no synchronous standby";
        foreach (var node in Nodes.Where(node => node.NodeName != primary.Name))
            if (view.Servers.FirstOrDefault(server => server.Name == node.NodeName) is not { StreamsFrom: not null, IsPrimary: false })
                yield return $"{node.NodeName} does not follow {primary.Name}";
        foreach (var replica in Replicas)
            if (view.Servers.FirstOrDefault(server => server.Name == replica.Name)?.StreamsFrom != standby?.PostgresAddress)
                yield return $"{replica.Name} does not follow {standby?.NodeName ?? "anybody"}";
    }

    private PostgresConnection ConnectionTo(string hosts, string role, string database) =>
        new(hosts, database, role, _secrets.PasswordOf(role), _certificates.RootCertificateFile);

    private async Task<PostgresView> UntilAsync(Func<PostgresView, bool> isSo, string what, CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        while (true)
        {
            var view = await ViewAsync(cancellationToken).ConfigureAwait(false);
            if (isSo(view))
                return view;
            var died = Nodes.FirstOrDefault(node => node.Process is { Exited.IsCompleted: true });
            if (died is not null || _clock.GetElapsedTime(began) > StartPatience)
                throw new StartFailedException(
                    $"No PostgreSQL {what} within {StartPatience.TotalSeconds:0} s. {(died ?? Nodes[0]).LogFile}:\n{LogFile.Tail((died ?? Nodes[0]).LogFile)}"
                );
            await Task.Delay(TimeSpan.FromMilliseconds(100), _clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
