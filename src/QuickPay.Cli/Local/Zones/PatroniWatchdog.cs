using System.Text;
using System.Text.RegularExpressions;

namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// What a watchdog device is to a machine: a Patroni that hangs cannot stop its PostgreSQL, which goes on as a primary that has been
/// replaced. It acknowledges nothing, since whom its commits wait for has gone; but it answers, and whoever is connected to it stays. So both
/// are ended when Patroni has been silent for as long as its lock lives, and the supervisor starts them again.
/// </summary>
/// <remarks>
/// A sign of life is a line of Patroni's own in the log that it shares with its PostgreSQL, one each second: what is local needs no network,
/// and no clock that could have been set.
/// </remarks>
internal sealed partial class PatroniWatchdog(IReadOnlyList<PatroniNode> nodes, Action<string> say, TimeProvider clock)
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
                    if (_signs[node.NodeName].SilentLooks(LogOf(node)) >= SilentLooksMax)
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

    /// <summary>Null when it does not run, and owes nothing.</summary>
    private static string? LogOf(PatroniNode node) =>
        node.Process is { Exited.IsCompleted: false } && File.Exists(node.LogFile) ? node.LogFile : null;

    /// <summary>Counts looks at a log that found nothing new by Patroni.</summary>
    internal sealed partial class SignsOfLife
    {
        // More than both write in a second; what is beyond it is read at the next look.
        private const int LookMaxBytes = 1 << 20;
        private string? _log;
        private long _read;
        private int _silent;

        /// <param name="log">Where it writes; null: it does not run.</param>
        /// <returns>How many looks on end, this one included, found it running and silent.</returns>
        public int SilentLooks(string? log)
        {
            if (log != _log)
                (_log, _read) = (log, 0);
            _silent = log is null || HasSpoken(log) ? 0 : _silent + 1;
            return _silent;
        }

        private bool HasSpoken(string log)
        {
            using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length < _read)
                _read = 0;
            file.Position = _read;
            var bytes = new byte[Math.Min(file.Length - _read, LookMaxBytes)];
            var text = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            _read = file.Position;
            return PatroniLine().IsMatch(text);
        }

        // 2026-11-23 11:43:06,123 INFO: … PostgreSQL puts a point before the milliseconds, and its process after them.
        [GeneratedRegex(@"^[-0-9]{10} [:0-9]{8},[0-9]{3} [A-Z]+: ", RegexOptions.Multiline)]
        private static partial Regex PatroniLine();
    }
}
