using System.Globalization;
using Npgsql;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>
/// Looks at the three PostgreSQL nodes four times a second, through their sockets: who takes writes, who acknowledges them. It tells changes
/// as they happen, and remembers what must never be.
/// </summary>
internal sealed class PrimaryWatch : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private readonly ZonedPostgres _postgres;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, string> _parts = [];
    private readonly List<string> _wrong = [];
    private Task _watching = Task.CompletedTask;
    private uint _timeline;

    public PrimaryWatch(ZonedPostgres postgres, TimeProvider clock) => (_postgres, _clock) = (postgres, clock);

    /// <summary>How often it saw a primary.</summary>
    public long LooksAtAPrimary { get; private set; }

    /// <summary>
    /// The longest that two nodes were ready to take writes: a lost primary that had not noticed yet. No promise is about it, since nobody
    /// acknowledges what it accepts.
    /// </summary>
    public TimeSpan TwoPrimaries { get; private set; }

    /// <summary>When the newest of the primaries was first seen on its timeline, by the clock's timestamps; null: nobody was promoted.</summary>
    public long? Promoted { get; private set; }

    /// <summary>Primaries that would have let somebody acknowledge who must not; and none may ever be here.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    /// <param name="tell">Gets each change.</param>
    public void Begin(Action<string> tell) => _watching = WatchAsync(tell);

    /// <summary>The promotions that the primary's log has come through, by its own history file.</summary>
    public async Task<IReadOnlyList<TimelineStart>> TimelinesAsync(CancellationToken cancellationToken)
    {
        var primary = (await _postgres.ViewAsync(cancellationToken)).Primary ?? throw new InvalidOperationException("There is no primary.");
        if (primary.Timeline == 1)
            return [];
        await using var source = NpgsqlDataSource.Create(_postgres.NodeOf(primary.Name).SuperuserConnectionString());
        await using var command = source.CreateCommand($"SELECT pg_read_file('pg_wal/{primary.Timeline:X8}.history')");
        return Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!, primary.Timeline);
    }

    /// <summary>Ends it; what it has seen stands still from here on. A watch that failed fails here: it has proven nothing.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _watching;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Each line: a timeline, and where the next one left it.</summary>
    internal static IReadOnlyList<TimelineStart> Parse(string historyFile, uint current)
    {
        var left = historyFile
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => char.IsAsciiDigit(line[0]))
            .Select(line => line.Split('\t'))
            .Select(fields => (Timeline: uint.Parse(fields[0], CultureInfo.InvariantCulture), At: LsnOf(fields[1])))
            .ToList();
        return [.. left.Select((from, i) => new TimelineStart(i + 1 < left.Count ? left[i + 1].Timeline : current, from.At))];

        static ulong LsnOf(string text) => (ulong)NpgsqlTypes.NpgsqlLogSequenceNumber.Parse(text);
    }

    private async Task WatchAsync(Action<string> tell)
    {
        using var timer = new PeriodicTimer(LookEvery, _clock);
        long? twoSince = null;
        do
        {
            var view = await _postgres.ViewAsync(_stopping.Token);
            var primaries = view.Primaries.ToList();
            LooksAtAPrimary += primaries.Count > 0 ? 1 : 0;
            twoSince = primaries.Count > 1 ? twoSince ?? _clock.GetTimestamp() : null;
            if (twoSince is { } since && _clock.GetElapsedTime(since) is var both && both > TwoPrimaries)
                TwoPrimaries = both;
            foreach (var primary in primaries)
                Require(primary);
            NotePromotion(primaries.Select(primary => primary.Timeline).DefaultIfEmpty().Max());
            foreach (var node in _postgres.Nodes)
                Compare(node.NodeName, PartOf(node.NodeName, view), tell);
        } while (await timer.WaitForNextTickAsync(_stopping.Token));
    }

    /// <summary>A commit may be acknowledged by one of the nodes by name, or by nobody: never by whoever is there, never without waiting.</summary>
    private void Require(PostgresSays primary)
    {
        var names = primary.SynchronousStandbys;
        var allowed = names == PostgresNodeFiles.Nobody || _postgres.Nodes.Any(node => names == $"\"{node.NodeName}\"");
        var strangers = primary.Acknowledging.Where(name => !_postgres.Nodes.Any(node => node.NodeName == name)).ToList();
        if (!allowed || strangers.Count > 0)
            _wrong.Add($"{primary.Name}: synchronous_standby_names = '{names}', acknowledging: {string.Join(", ", primary.Acknowledging)}");
    }

    private void NotePromotion(uint timeline)
    {
        if (_timeline > 0 && timeline > _timeline)
            Promoted = _clock.GetTimestamp();
        _timeline = Math.Max(_timeline, timeline);
    }

    private void Compare(string node, string part, Action<string> tell)
    {
        if (_parts.TryGetValue(node, out var before) && before != part)
            tell($"{node}: {part}");
        _parts[node] = part;
    }

    private static string PartOf(string node, PostgresView view) =>
        view.Servers.FirstOrDefault(server => server.Name == node) switch
        {
            null => "no answer",
            { IsPrimary: true } says => $"primary, timeline {says.Timeline}",
            _ when view.Primaries.Any(primary => primary.Acknowledging.Contains(node)) => "synchronous standby",
            { StreamsFrom: null } => "standby of nobody",
            _ => "standby",
        };
}
