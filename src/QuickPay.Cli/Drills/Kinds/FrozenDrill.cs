using Npgsql;
using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>
/// The primary's keeper freezes and its PostgreSQL does not: it is replaced, and does not know. Nobody may be left with it, and nothing
/// that it accepts may be acknowledged.
/// </summary>
internal static class FrozenDrill
{
    // Ten looks, a second apart, and the look that ends it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // It shares its log with Patroni, and goes on talking.
    private const string Talk = "DO $$ BEGIN RAISE LOG 'drill'; END $$";

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
        var (process, postmaster) = (frozen.Process!, frozen.Postmaster);
        await using var superuser = NpgsqlDataSource.Create(frozen.SuperuserConnectionString());
        process.TrySignal(Signal.Stop);
        try
        {
            var ended = await stage.UntilAsync(HasEndedAsync, Patience, cancellationToken);
            stage.Judge(
                "The watchdog ends a primary whose keeper is silent, and its PostgreSQL",
                ended,
                ended ? frozen.NodeName : "it goes on"
            );
        }
        finally
        {
            // For one that nobody ended.
            process.TrySignal(Signal.Continue);
        }
        await stage.UntilRecoveredAsync(DatabaseDrill.Promise, cancellationToken);
        await stage.JudgeFollowsAsync(frozen, cancellationToken);

        async Task<bool> HasEndedAsync()
        {
            if (process.Exited.IsCompleted)
                return postmaster?.IsAlive != true;
            try
            {
                await using var talk = superuser.CreateCommand(Talk);
                await talk.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (NpgsqlException)
            {
                // It is being ended just now.
            }
            return false;
        }
    }
}
