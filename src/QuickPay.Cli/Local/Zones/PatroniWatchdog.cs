namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// What a watchdog device is to a machine: a Patroni that hangs cannot stop its PostgreSQL, which goes on as a primary that has been
/// replaced. It acknowledges nothing, since whom its commits wait for has gone; but it answers, and whoever is connected to it stays. So both
/// are ended when Patroni has been silent for as long as its lock lives, and the supervisor starts them again.
/// </summary>
/// <remarks>A sign of life is a line in its log, one each second: what is local needs no network, and no clock that could have been set.</remarks>
internal sealed class PatroniWatchdog(IReadOnlyList<PatroniNode> nodes, Action<string> say, TimeProvider clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Its lock is lost by then. Looks are counted, not time: one that slept itself, with its machine, has looked once.</summary>
    internal const int SilentLooksMax = 10;

    private readonly Dictionary<string, SignsOfLife> _signs = nodes.ToDictionary(node => node.NodeName, _ => new SignsOfLife());

    /// <summary>Watches until it is cancelled.</summary>
    /// <param name="view">Who takes writes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WatchAsync(Func<CancellationToken, Task<PostgresView>> view, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            foreach (var node in nodes)
                try
                {
                    if (_signs[node.NodeName].SilentLooks(WrittenBy(node)) >= SilentLooksMax)
                        await EndIfPrimaryAsync(node, view, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
                {
                    // A watchdog that ended would be missed by nobody until it is needed.
                    say($"{node.Name} could not be watched: {failure.Message}");
                }
    }

    private async Task EndIfPrimaryAsync(
        PatroniNode node,
        Func<CancellationToken, Task<PostgresView>> view,
        CancellationToken cancellationToken
    )
    {
        // A standby without Patroni harms nobody, and may be the one that a lone primary waits for.
        if ((await view(cancellationToken).ConfigureAwait(false)).Primaries.All(primary => primary.Name != node.NodeName))
            return;
        say($"{node.Name} has been silent for {SilentLooksMax} s while {node.NodeName} takes writes: both are ended");
        await node.KillAsync().ConfigureAwait(false);
    }

    /// <summary>How much it has written; null when it does not run.</summary>
    private static long? WrittenBy(PatroniNode node) =>
        node.Process is { Exited.IsCompleted: false } && File.Exists(node.LogFile) ? new FileInfo(node.LogFile).Length : null;

    /// <summary>Counts looks that found nothing new.</summary>
    internal sealed class SignsOfLife
    {
        private long? _last;
        private int _silent;

        /// <param name="written">So far; null: it does not run, and owes nothing.</param>
        /// <returns>How many looks on end, this one included, found it running and silent.</returns>
        public int SilentLooks(long? written)
        {
            _silent = written is not null && written == _last ? _silent + 1 : 0;
            _last = written;
            return _silent;
        }
    }
}
