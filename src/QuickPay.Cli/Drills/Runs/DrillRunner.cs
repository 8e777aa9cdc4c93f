using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Report;
using QuickPay.Cli.Drills.Traffic;
using QuickPay.Cli.Local;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>How drills are run.</summary>
internal sealed record DrillOptions
{
    /// <summary>Operations a second: all of it shares the machine with the whole system.</summary>
    public int Rate { get; init; } = 200;

    public int Members { get; init; } = 20;

    /// <summary>Where reports go.</summary>
    public required string Reports { get; init; }

    public Action<string> Say { get; init; } = _ => { };

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>
/// Runs drills on a stack of three zones, one after the other:
/// <code>
///   traffic ── calm ── fault ── until it has recovered ── mended ── whole again ── calm ── stop
///   repeat what is unknown, under its key ── read the books ── judge ── report
/// </code>
/// </summary>
internal sealed class DrillRunner : IDisposable
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WholePatience = TimeSpan.FromSeconds(90);

    // Hosts look once a second; until then caches show what the lost primary has shown.
    private static readonly TimeSpan PromotionIsHeard = TimeSpan.FromSeconds(2);
    private const int FaultsShown = 100;
    private const int LooksForPrimaryMax = 30;
    private readonly ZonedStack _stack;
    private readonly DrillMembers _members;
    private readonly DrillOptions _options;

    private DrillRunner(ZonedStack stack, DrillMembers members, DrillOptions options) =>
        (_stack, _members, _options) = (stack, members, options);

    /// <summary>Signs the members up.</summary>
    public static async Task<DrillRunner> CreateAsync(ZonedStack stack, DrillOptions options, CancellationToken cancellationToken)
    {
        options.Say($"{options.Members} members sign up");
        var members = await DrillMembers.JoinAsync(
            new DrillMembersOptions
            {
                Edges = stack.EdgeUrls,
                RootCertificate = stack.Data.RootCertificate,
                Count = options.Members,
            },
            options.Clock,
            cancellationToken
        );
        return new DrillRunner(stack, members, options);
    }

    /// <summary>Runs one.</summary>
    /// <exception cref="LocalException">This machine cannot do it.</exception>
    public async Task<DrillResult> RunAsync(Drill drill, CancellationToken cancellationToken)
    {
        if (drill.CutsLines && !_stack.Network.CanBeCut)
            throw new LocalException(
                $"The drill `{drill.Name}` cuts lines between zones, and so needs zones with networks of their own: run it as root."
            );
        if (drill.FillsDisk && !_stack.HasSmallDisks)
            throw new LocalException($"The drill `{drill.Name}` fills a disk, and so needs a stack with small ones.");
        var (clock, began) = (_options.Clock, _options.Clock.GetUtcNow());
        await _members.GetReadyAsync(cancellationToken);
        var primary = await PrimaryAsync(cancellationToken);
        var before = await BooksOf(primary.Name).ReadBalancesAsync(_members.Accounts, cancellationToken);
        var traffic = new TrafficOptions { Rate = _options.Rate };
        var countedBefore = await CountAsync(cancellationToken);
        _options.Say($"drill {drill.Name}: {drill.Breaks} ({traffic.Rate} operations a second, seed {traffic.Seed})");

        await using var watch = new PrimaryWatch(_stack.Postgres, clock);
        await using var flow = DrillTraffic.Start(traffic, _members, clock);
        var stage = new DrillStage(_stack, flow, watch, traffic.Rate, _options.Say, clock);
        watch.Begin(stage.Note);
        await stage.FlowAsync(Calm, cancellationToken);
        await drill.RunAsync(stage, cancellationToken);
        await RequireWholeAsync(stage, cancellationToken);
        await stage.FlowAsync(Calm, cancellationToken);
        await flow.StopAsync(cancellationToken);
        var operations = await flow.ResolveAsync(cancellationToken);
        var lostSessions = await _members.LostSessionsAsync(cancellationToken);

        var now = await PrimaryAsync(cancellationToken);
        await watch.StopAsync();
        var books = await BooksOf(now.Name).ReadAsync(before, operations, traffic.Run, cancellationToken);
        var timelines = await watch.TimelinesAsync(cancellationToken);
        var judged = drill.CutsCommits ? TakenBack.Forget(operations, timelines) : operations;
        var verdict = HistoryChecker.Judge(judged, books, timelines);
        var faultAt = stage.FaultAt ?? Calm;
        var impact = Impact.Of(operations, faultAt);
        var measured = drill.Measures == OperationKind.Transfer ? impact : Impact.Of(operations, faultAt, drill.Measures);
        if (drill.AnswersEveryMember)
        {
            var unanswered = operations.Count(operation => operation is { Outcome: OperationOutcome.Unknown, Attempts: > 0 });
            stage.Judge("Every member was answered", unanswered == 0, $"{unanswered} without an outcome");
        }
        var counted = (await CountAsync(cancellationToken)).Since(countedBefore);
        stage.Judge(
            drill.CutsCommits ? "The metric tells of commits that no standby had" : "The metric of commits that no standby had stays zero",
            counted.AreComplete && counted.Unsynchronized > 0 == drill.CutsCommits,
            counted.ToString()
        );
        if (drill.CutsCommits)
        {
            var takenBack = operations.Where(operation => TakenBack.IsReadOf(operation, timelines)).ToList();
            var last = takenBack.Select(operation => operation.Started).DefaultIfEmpty().Max();
            var promotedAt = watch.Promoted is { } promoted ? flow.Elapsed - clock.GetElapsedTime(promoted) : TimeSpan.Zero;
            stage.Judge(
                "What was cut short was to be seen until the next primary was there, and not after",
                last <= promotedAt + PromotionIsHeard,
                $"{takenBack.Count} reads, the last one asked {DrillJudge.Seconds(last - promotedAt)} after the promotion"
            );
        }
        var told = operations.Count(operation => operation is { Outcome: OperationOutcome.Acknowledged, Timeline: > 0, Lsn: > 0 });
        stage.Judge("Answers name timeline and position", told > 0, $"{told:N0} of them");
        stage.Judge("Everything that was due was sent", flow.Pulse.NotSent == 0, $"{flow.Pulse.NotSent} had no room in the drill");
        stage.Judge("Members stay logged in", lostSessions.Count == 0, Sessions(lostSessions));
        stage.Judge(
            "Every primary waited for a named node that may take over",
            watch.Wrong.Count == 0 && watch.LooksAtAPrimary > 0,
            watch.Wrong.Count == 0
                ? $"looked at one {watch.LooksAtAPrimary:N0} times; two were ready to write for {DrillJudge.Seconds(watch.TwoPrimaries)} at most"
                : watch.Wrong[0]
        );
        var result = new DrillResult(
            drill.Name,
            began,
            traffic.Rate,
            traffic.Seed,
            measured.Outage?.TotalSeconds,
            drill.Promise.TotalSeconds,
            drill.Goal.TotalSeconds,
            measured.ShareAffected,
            [.. DrillJudge.Promises(measured, verdict, drill), .. stage.Promises],
            impact.Errors,
            stage.Events,
            verdict.Counts,
            [.. verdict.Faults.Take(FaultsShown)],
            impact.Outcomes,
            impact.Before,
            impact.During,
            impact.After
        );
        return DrillReport.Write(_options.Reports, result, operations);
    }

    public void Dispose() => _members.Dispose();

    /// <summary>What was broken is whole again: the next failure would find as much as this one did.</summary>
    private async Task RequireWholeAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> missing = [];
        var whole = await stage.UntilAsync(
            async () => (missing = await _stack.MissingAsync(cancellationToken)).Count == 0,
            WholePatience,
            cancellationToken
        );
        stage.Note(whole ? "everything is whole again" : "not whole again");
        stage.Judge("Everything is whole again by itself", whole, whole ? "every server, pair and replica" : string.Join("; ", missing));
    }

    /// <summary>A busy moment without an answer is no reason to give a drill up.</summary>
    private async Task<PostgresSays> PrimaryAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if ((await _stack.Postgres.ViewAsync(cancellationToken)).Primary is { } primary)
                return primary;
            if (attempt == LooksForPrimaryMax)
                throw new StartFailedException("PostgreSQL has no primary: nothing can be judged.");
            await Task.Delay(TimeSpan.FromSeconds(1), _options.Clock, cancellationToken);
        }
    }

    private Task<CommitCounts> CountAsync(CancellationToken cancellationToken) =>
        CommitCounts.ReadAsync(_stack.Hosts.Where(host => host.Role == "api"), _stack.Data.RootCertificate, cancellationToken);

    private BooksReader BooksOf(string node) => new(_stack.Postgres.NodeOf(node).SuperuserConnectionString(PostgresServer.DefaultDatabase));

    private string Sessions(IReadOnlyList<string> lost) =>
        lost.Count == 0 ? $"{_members.Count} sessions from before" : $"{lost.Count} lost: {lost[0]}";
}
