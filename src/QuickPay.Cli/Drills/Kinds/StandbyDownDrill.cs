using QuickPay.Cli.Drills.Runs;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>
/// First the synchronous standby is gone: the third node takes its place. Then that one is gone too: no commit may be acknowledged until one
/// of them is back, while reads go on.
/// </summary>
internal static class StandbyDownDrill
{
    // What was acknowledged before the last one went may be on its way to its member.
    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(10);

    public static Drill Create() =>
        new(
            "standby-down",
            "kill -9 of the synchronous standby, then of the last one: commits wait until one is back, reads go on",
            TimeSpan.FromSeconds(60),
            TimeSpan.FromSeconds(40),
            RunAsync
        );

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var primary = await stage.PrimaryAsync(cancellationToken);
        var first = await stage.StandbyAsync(cancellationToken);
        var last = stage.Stack.Postgres.Nodes.Single(node => node != primary && node != first);

        stage.Stack.HoldDown(first);
        stage.Fault($"kill -9 of {first.NodeName}, the synchronous standby");
        await first.KillAsync();
        var took = await stage.UntilAsync(
            async () => stage.Stack.Postgres.SynchronousStandbyIn(await stage.Stack.Postgres.ViewAsync(cancellationToken)) == last,
            TimeSpan.FromSeconds(30),
            cancellationToken
        );
        stage.Judge("The third node takes its place", took, took ? last.NodeName : "nobody acknowledges");
        await stage.UntilRecoveredAsync(TimeSpan.FromSeconds(30), cancellationToken);

        stage.Stack.HoldDown(last);
        stage.Note($"kill -9 of {last.NodeName}, the last standby");
        await last.KillAsync();
        await stage.FlowAsync(OnTheWay, cancellationToken);
        var before = stage.Traffic.Pulse;
        await stage.FlowAsync(Alone, cancellationToken);
        var after = stage.Traffic.Pulse;
        var transfers = stage.Traffic.TransfersWithin(Alone - TimeSpan.FromSeconds(0.5));
        stage.Judge("A primary alone acknowledges nothing", transfers == 0, $"{transfers} transfers in {Alone.TotalSeconds:0} s");
        var reads = after.Acknowledged - before.Acknowledged;
        // Four of ten operations read, and nothing else can be answered now; half of them is a machine that is busy with other things.
        var enough = stage.Rate * Alone.TotalSeconds * 0.4 / 2;
        stage.Judge("Reads go on meanwhile", reads >= enough, $"{reads} answers in {Alone.TotalSeconds:0} s");

        stage.Note($"{last.NodeName} and {first.NodeName} come back");
        stage.Stack.BringBack(last);
        stage.Stack.BringBack(first);
        await stage.UntilRecoveredAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }
}
