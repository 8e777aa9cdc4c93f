using QuickPay.Cli.Drills.Runs;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>The primary's machine is gone at once; later it is back.</summary>
internal static class DatabaseDrill
{
    internal static readonly TimeSpan Promise = TimeSpan.FromSeconds(120);
    internal static readonly TimeSpan Goal = TimeSpan.FromSeconds(20);

    public static Drill Create() =>
        new("database", "kill -9 of the primary and its Patroni, which come back later", Promise, Goal, RunAsync);

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var lost = await stage.PrimaryAsync(cancellationToken);
        stage.Stack.HoldDown(lost);
        stage.Fault($"kill -9 of {lost.NodeName}, the primary");
        await lost.KillAsync();
        await stage.UntilRecoveredAsync(Promise, cancellationToken);
        stage.Note($"{lost.NodeName} comes back");
        stage.Stack.BringBack(lost);
        await stage.JudgeFollowsAsync(lost, cancellationToken);
    }
}
