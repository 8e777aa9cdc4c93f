namespace QuickPay.Cli.Local;

/// <summary>What one zone gets: a Redis server and a sentinel.</summary>
/// <param name="Name">`a`: the server is `redis-a`, the sentinel `sentinel-a`.</param>
/// <param name="Host">IP address of both.</param>
/// <param name="RedisPort">The server's.</param>
/// <param name="SentinelPort">The sentinel's.</param>
/// <param name="NetworkNamespace">Where both run; null: ours.</param>
public sealed record RedisZone(string Name, string Host, int RedisPort, int SentinelPort, string? NetworkNamespace = null);

/// <summary>
/// Redis in three zones: one primary, two replicas that copy it, three sentinels of which two can make a replica primary.
/// <code>
///   zone a                zone b                zone c
///   redis-a (primary) ──▶ redis-b (replica) ,── redis-c (replica)
///       ▲     ╲_________________________________▲
///   sentinel-a ◀────────▶ sentinel-b ◀────────▶ sentinel-c      each watches all servers
/// </code>
/// Who is primary is decided by the sentinels alone, also across restarts: every start of a server asks their files
/// (<see cref="SentinelFile"/>) and never puts the primary back where it was. A change of a session is answered when a replica has it, so
/// whichever replica the sentinels choose among those that are up to date, no log-out is undone.
/// </summary>
public sealed class ReplicatedRedis
{
    /// <summary>The primary's name among the sentinels.</summary>
    public const string Service = "quickpay";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    // Sentinels that have just lost a primary may need more than one election.
    private static readonly TimeSpan CompletePatience = TimeSpan.FromSeconds(60);
    private readonly IReadOnlyList<RedisPlace> _places;
    private readonly string _layout;
    private readonly Certificates _certificates;
    private readonly TimeProvider _clock;

    /// <param name="secrets">With a password for each of <see cref="RedisUsers.All"/>.</param>
    /// <param name="user">Whom the processes run as; null: as we.</param>
    /// <param name="zones">The first one has the primary when everything is new.</param>
    internal ReplicatedRedis(
        DataFolder data,
        Secrets secrets,
        Certificates certificates,
        TimeProvider clock,
        OsUser? user,
        IReadOnlyList<RedisZone> zones
    )
    {
        (_certificates, _clock) = (certificates, clock);
        var root = certificates.RootCertificateFile;
        _places =
        [
            .. zones.Select(zone => new RedisPlace($"redis-{zone.Name}", zone.Host, zone.RedisPort, zone.Name, zone.NetworkNamespace)),
        ];
        Servers = [.. _places.Select(place => new RedisServer(place, data, secrets, root, user, clock, () => Remember().Primary))];
        RedisPlace[] watching =
        [
            .. zones.Select(zone => new RedisPlace(
                $"sentinel-{zone.Name}",
                zone.Host,
                zone.SentinelPort,
                zone.Name,
                zone.NetworkNamespace
            )),
        ];
        Sentinels = [.. watching.Select(place => new SentinelServer(place, data, secrets, root, user, clock))];
        _layout = SentinelFile.LayoutOf([.. _places, .. watching]);
    }

    /// <summary>In the order of the zones.</summary>
    public IReadOnlyList<RedisServer> Servers { get; }

    /// <summary>In the order of the zones.</summary>
    public IReadOnlyList<SentinelServer> Sentinels { get; }

    /// <summary>How a host finds the primary and logs in there, in its settings.</summary>
    /// <param name="user">One of <see cref="RedisUsers"/>.</param>
    public RedisConnection Connection(string user) =>
        Sentinels[0].Connection(user) with
        {
            Endpoints = string.Join(',', Sentinels.Select(sentinel => sentinel.Address)),
            SentinelService = Service,
            // Sessions may not be lost; counts of requests and balances may.
            ReplicasToAwait = user == RedisUsers.Api ? 1 : 0,
        };

    /// <summary>Starts all and returns when both replicas have caught up and the sentinels know of each other.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Prepare();
        await Task.WhenAll(Servers.Select(server => server.StartAsync(cancellationToken))).ConfigureAwait(false);
        // Sentinels count from their first look on: a server that was slow to start would be one that has gone.
        await Task.WhenAll(Sentinels.Select(sentinel => sentinel.StartAsync(cancellationToken))).ConfigureAwait(false);
        await WhenCompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The sentinels first, so that nobody is promoted, then the primary, so that its replicas have all it wrote.</summary>
    public async Task StopAsync()
    {
        await Task.WhenAll(Sentinels.Select(sentinel => sentinel.StopAsync())).ConfigureAwait(false);
        if (Servers.Any(server => server.Process is not null))
            await ServerAt(Remember().Primary.Address)!.StopAsync().ConfigureAwait(false);
        await Task.WhenAll(Servers.Select(server => server.StopAsync())).ConfigureAwait(false);
    }

    /// <summary>Who is primary, as the sentinels that answer say; null when none does.</summary>
    public async Task<RedisServer?> FindPrimaryAsync(CancellationToken cancellationToken)
    {
        var told = await Task.WhenAll(Sentinels.Select(AskAsync)).ConfigureAwait(false);
        return told.Where(answer => answer.Server is not null).OrderByDescending(answer => answer.Epoch).FirstOrDefault().Server;

        async Task<(RedisServer? Server, long Epoch)> AskAsync(SentinelServer sentinel)
        {
            var answer = await TryAskAsync(sentinel, $"SENTINEL GET-MASTER-ADDR-BY-NAME {Service}", cancellationToken)
                .ConfigureAwait(false);
            return (ServerAt(answer?.Replace(' ', ':')), sentinel.Memory?.Epoch ?? 0);
        }
    }

    /// <summary>Grows with each replica that is made primary: two equal ones mean that nobody was replaced in between, not even there and back.</summary>
    public long Epoch => Remember().Epoch;

    /// <summary>Waits until the primary has both replicas in step, also on disk, and the three sentinels could promote one of them.</summary>
    /// <exception cref="StartFailedException">It took too long.</exception>
    public async Task WhenCompleteAsync(CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        using var timer = new PeriodicTimer(LookEvery, _clock);
        while (!await IsCompleteAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_clock.GetElapsedTime(began) > CompletePatience)
                throw new StartFailedException(
                    $"Redis had no primary with both replicas in step and three sentinels within {CompletePatience.TotalSeconds:0} s. "
                        + $"{Sentinels[0].LogFile}:\n{LogFile.Tail(Sentinels[0].LogFile)}"
                );
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>See <see cref="WhenCompleteAsync"/>.</summary>
    public async Task<bool> IsCompleteAsync(CancellationToken cancellationToken)
    {
        if (await FindPrimaryAsync(cancellationToken).ConfigureAwait(false) is not { } primary)
            return false;
        var role = await RedisProbe.TryAskAsync(primary.Connection(RedisUsers.Admin), "ROLE", cancellationToken).ConfigureAwait(false);
        // "master", its offset, then three words for each replica in step.
        if (
            role is null
            || !role.StartsWith("master ", StringComparison.Ordinal)
            || role.Split(' ').Length != 2 + (3 * (Servers.Count - 1))
        )
            return false;
        // One that has just copied the primary counts for WAIT, and has nothing on disk until its file is written anew.
        var files = await Task.WhenAll(Servers.Select(server => HasWholeFileAsync(server, cancellationToken))).ConfigureAwait(false);
        if (!files.All(isWhole => isWhole))
            return false;
        var able = await Task.WhenAll(
                Sentinels.Select(sentinel => TryAskAsync(sentinel, $"SENTINEL CKQUORUM {Service}", cancellationToken))
            )
            .ConfigureAwait(false);
        return able.All(answer => answer?.StartsWith($"+OK {Sentinels.Count} usable", StringComparison.Ordinal) == true);
    }

    private static async Task<bool> HasWholeFileAsync(RedisServer server, CancellationToken cancellationToken)
    {
        var told = await RedisProbe
            .TryAskAsync(server.Connection(RedisUsers.Admin), "INFO persistence", cancellationToken)
            .ConfigureAwait(false);
        return told is not null
            && told.Contains("\naof_rewrite_in_progress:0", StringComparison.Ordinal)
            && told.Contains("\naof_rewrite_scheduled:0", StringComparison.Ordinal);
    }

    private static Task<string?> TryAskAsync(SentinelServer sentinel, string command, CancellationToken cancellationToken) =>
        RedisProbe.TryAskAsync(sentinel.Connection(RedisUsers.Admin), command, cancellationToken);

    private RedisServer? ServerAt(string? address) => Servers.FirstOrDefault(server => server.Address == address);

    private void Prepare()
    {
        foreach (var server in Servers)
            server.Prepare(_certificates);
        // Read before the first of the files is made anew.
        var known = Remember();
        foreach (var sentinel in Sentinels)
            sentinel.Prepare(_certificates, known);
    }

    /// <summary>Of the sentinels' files the newest: what the others do not know yet, it does.</summary>
    private Known Remember()
    {
        var files = Sentinels.Select(sentinel => sentinel.Memory).OfType<SentinelFile>().ToList();
        var name = files.OrderByDescending(file => file.Epoch).FirstOrDefault()?.PrimaryName;
        var primary = _places.FirstOrDefault(place => place.Name == name) ?? _places[0];
        return new Known(
            _layout,
            primary,
            [.. _places.Where(place => place != primary)],
            Sentinels,
            files.Select(file => file.Epoch).DefaultIfEmpty().Max(),
            files.Select(file => file.CurrentEpoch).DefaultIfEmpty().Max()
        );
    }

    /// <summary>What a new sentinel is told.</summary>
    internal sealed record Known(
        string Layout,
        RedisPlace Primary,
        IReadOnlyList<RedisPlace> Replicas,
        IReadOnlyList<SentinelServer> Sentinels,
        long Epoch,
        long CurrentEpoch
    );
}
