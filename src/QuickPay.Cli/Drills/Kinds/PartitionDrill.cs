using QuickPay.Cli.Drills.Runs;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>
/// The worst for a database: the primary lives, and so do the members on its side of the broken line. It must not accept what the other side
/// never learns of.
/// </summary>
internal static class PartitionDrill
{
    private static readonly TimeSpan CutAfterwards = TimeSpan.FromSeconds(10);

    public static Drill Create() =>
        new(
            "database-partition",
            "the line from the primary's zone to the others is cut, members still reach both sides; later it is mended",
            DatabaseDrill.Promise,
            DatabaseDrill.Goal,
            RunAsync
        )
        {
            CutsLines = true,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var lost = await stage.PrimaryAsync(cancellationToken);
        stage.Fault($"zone {lost.Zone} is cut from the others, {lost.NodeName} is the primary there");
        await stage.Stack.Network.CutFromOthersAsync(lost.Place);
        try
        {
            await stage.UntilRecoveredAsync(DatabaseDrill.Promise, cancellationToken);
            // Long enough for the lost one to believe what it likes, while its successor is written to.
            await stage.FlowAsync(CutAfterwards, cancellationToken);
        }
        finally
        {
            await stage.Stack.Network.HealAsync(lost.Place);
        }
        stage.Note("the line is mended");
        await stage.JudgeFollowsAsync(lost, cancellationToken);
    }
}
