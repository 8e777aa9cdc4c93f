using System.Globalization;
using QuickPay.Cli.Drills.Report;
using QuickPay.Cli.Drills.Traffic;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>One promise of a drill, and what was seen of it.</summary>
/// <param name="Text">What shall be.</param>
/// <param name="Held">Whether it was.</param>
/// <param name="Seen">What shows it, with figures.</param>
/// <param name="MeetsGoal">Null where there is no goal beyond the promise.</param>
public sealed record DrillPromise(string Text, bool Held, string Seen, bool? MeetsGoal = null);

/// <summary>What a drill acts on: the stack, the traffic over it, and a notebook.</summary>
internal sealed class DrillStage(
    ZonedStack stack,
    DrillTraffic traffic,
    PrimaryWatch watch,
    int rate,
    Action<string> say,
    TimeProvider clock
)
{
    private const double RecoveredShare = 0.7;
    private static readonly TimeSpan FollowsWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    // Recovered is who goes on working, not who managed one transfer.
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(3);
    private readonly List<DrillEvent> _events = [];
    private readonly List<DrillPromise> _promises = [];
    private readonly Lock _gate = new();

    public ZonedStack Stack => stack;

    /// <summary>Operations a second.</summary>
    public int Rate => rate;

    public DrillTraffic Traffic => traffic;

    public PrimaryWatch Watch => watch;

    /// <summary>When the fault was made; null before.</summary>
    public TimeSpan? FaultAt { get; private set; }

    public IReadOnlyList<DrillEvent> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    public IReadOnlyList<DrillPromise> Promises => _promises;

    /// <summary>Says what happens and puts it on the timeline.</summary>
    public void Note(string text)
    {
        var at = traffic.Elapsed;
        lock (_gate)
            _events.Add(new DrillEvent(at, text));
        say(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds, 6:0.0} s  {text}"));
    }

    /// <summary>See <see cref="Note"/>; the first one is what the recovery is counted from.</summary>
    public void Fault(string text)
    {
        FaultAt ??= traffic.Elapsed;
        Note(text);
    }

    /// <summary>A promise of this drill alone.</summary>
    public void Judge(string text, bool held, string seen) => _promises.Add(new DrillPromise(text, held, seen));

    /// <summary>Lets the traffic flow.</summary>
    public Task FlowAsync(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, clock, cancellationToken);

    /// <summary>Members besides those who drive the traffic.</summary>
    public Task<DrillMembers> JoinAsync(int count, CancellationToken cancellationToken) =>
        DrillMembers.JoinAsync(
            new DrillMembersOptions
            {
                Edges = stack.EdgeUrls,
                RootCertificate = stack.Data.RootCertificate,
                Count = count,
            },
            clock,
            cancellationToken
        );

    /// <summary>Waits until transfers flow again as they did, for some seconds on end. How long that took the history tells; this gives up after a while.</summary>
    /// <returns>False when they do not.</returns>
    public async Task<bool> UntilRecoveredAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        // What went well before the fault does not count.
        await FlowAsync(Steady, cancellationToken);
        // Half of what is asked for are transfers.
        var enough = rate / 2 * RecoveredShare * Steady.TotalSeconds;
        return await UntilAsync(() => Task.FromResult(traffic.TransfersWithin(Steady) >= enough), patience, cancellationToken);
    }

    /// <summary>Waits for something.</summary>
    /// <returns>False when it did not come in time.</returns>
    public async Task<bool> UntilAsync(Func<Task<bool>> isSo, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (!await isSo())
        {
            if (clock.GetElapsedTime(began) > patience)
                return false;
            await Task.Delay(LookEvery, clock, cancellationToken);
        }
        return true;
    }

    /// <summary>What was lost must come back as a standby, which streams and takes no writes.</summary>
    public async Task JudgeFollowsAsync(PatroniNode node, CancellationToken cancellationToken)
    {
        var follows = await UntilAsync(FollowsAsync, FollowsWithin, cancellationToken);
        Judge("The lost node comes back as a standby", follows, follows ? $"{node.NodeName} follows the primary" : "it does not follow");

        async Task<bool> FollowsAsync() =>
            await stack.Postgres.ViewAsync(cancellationToken) is { Primary: { } primary } view
            && view.Servers.FirstOrDefault(server => server.Name == node.NodeName) is { IsPrimary: false } says
            && says.StreamsFrom == stack.Postgres.NodeOf(primary.Name).PostgresAddress;
    }

    /// <summary>The node that is primary now.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public async Task<PatroniNode> PrimaryAsync(CancellationToken cancellationToken) =>
        (await stack.Postgres.ViewAsync(cancellationToken)).Primary is { } primary
            ? stack.Postgres.NodeOf(primary.Name)
            : throw new InvalidOperationException("There is no primary to begin with.");

    /// <summary>The node that acknowledges its commits.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public async Task<PatroniNode> StandbyAsync(CancellationToken cancellationToken) =>
        stack.Postgres.SynchronousStandbyIn(await stack.Postgres.ViewAsync(cancellationToken))
        ?? throw new InvalidOperationException("There is no synchronous standby to begin with.");
}
