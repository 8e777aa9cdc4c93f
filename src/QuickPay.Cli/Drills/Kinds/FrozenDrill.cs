using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>
/// The primary's keeper freezes and its PostgreSQL does not: it is replaced, and does not know. Nobody may be left with it, and nothing
/// that it accepts may be acknowledged.
/// </summary>
internal static class FrozenDrill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Drill Create() =>
        new(
            "database-frozen",
            "SIGSTOP of the primary's Patroni: PostgreSQL runs on, and nobody is left to stop it",
            DatabaseDrill.Promise,
            DatabaseDrill.Goal,
            RunAsync
        );

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var frozen = await stage.PrimaryAsync(cancellationToken);
        stage.Fault($"{frozen.Name} freezes, {frozen.NodeName} is the primary");
        var process = frozen.Process!;
        process.TrySignal(Signal.Stop);
        try
        {
            var ended = await stage.UntilAsync(() => Task.FromResult(process.Exited.IsCompleted), Patience, cancellationToken);
            stage.Judge("The watchdog ends a primary whose keeper is silent", ended, ended ? frozen.NodeName : "it goes on");
        }
        finally
        {
            // For one that nobody ended.
            process.TrySignal(Signal.Continue);
        }
        await stage.UntilRecoveredAsync(DatabaseDrill.Promise, cancellationToken);
        await stage.JudgeFollowsAsync(frozen, cancellationToken);
    }
}
