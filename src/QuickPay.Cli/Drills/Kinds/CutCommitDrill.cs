using Npgsql;
using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>
/// A commit that is cut short while it waits for its standby succeeds by PostgreSQL's word, with a warning alone; and with the primary it is
/// gone. Whoever took that success for one has acknowledged what is lost.
/// </summary>
internal static class CutCommitDrill
{
    // Two nodes at once: one has to start again before it can take over.
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Cutting = TimeSpan.FromSeconds(2);

    // Quickly, so that hardly a commit under way is left uncut.
    private static readonly TimeSpan CutEvery = TimeSpan.FromMilliseconds(50);

    // Each is a commit that the server now calls successful: how many, the drill wants to know, so that it cannot have cut none.
    private const string Cut = """
        SELECT count(*) FILTER (WHERE pg_cancel_backend(pid)) FROM pg_stat_activity
        WHERE wait_event = 'SyncRep' AND usename = 'qp_api'
        """;

    public static Drill Create() =>
        new(
            "cut-commit",
            "the synchronous standby freezes, waiting commits are cancelled, then the primary is lost with all of them, and the standby dies",
            DatabaseDrill.Promise,
            Goal,
            RunAsync
        )
        {
            CutsCommits = true,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var primary = await stage.PrimaryAsync(cancellationToken);
        var standby = await stage.StandbyAsync(cancellationToken);
        var frozen = standby.Postmaster ?? throw new InvalidOperationException($"{standby.NodeName} does not run.");
        stage.Stack.HoldDown(primary);
        stage.Fault($"{standby.NodeName}, the synchronous standby, freezes");
        ProcessTree.Signal(frozen.Pid, Signal.Stop);
        long cut = 0;
        try
        {
            cut = await CutAsync(stage, primary, cancellationToken);
            stage.Note($"{cut} commits were cut short; kill -9 of {primary.NodeName}, the primary, which has them alone");
            await primary.KillAsync();
        }
        finally
        {
            // Not woken: what the primary sent meanwhile lies with the kernel, and would be read first. Its Patroni starts it again.
            ProcessTree.Signal(frozen.Pid, Signal.Kill);
        }
        stage.Judge("Commits were cut short in their wait", cut > 0, $"{cut}");
        await stage.UntilRecoveredAsync(DatabaseDrill.Promise, cancellationToken);
        stage.Note($"{primary.NodeName} comes back");
        stage.Stack.BringBack(primary);
        await stage.JudgeFollowsAsync(primary, cancellationToken);
    }

    private static async Task<long> CutAsync(DrillStage stage, PatroniNode primary, CancellationToken cancellationToken)
    {
        await using var superuser = NpgsqlDataSource.Create(primary.SuperuserConnectionString());
        long cut = 0;
        var end = stage.Traffic.Elapsed + Cutting;
        while (stage.Traffic.Elapsed < end)
        {
            await using var command = superuser.CreateCommand(Cut);
            cut += (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            await stage.FlowAsync(CutEvery, cancellationToken);
        }
        return cut;
    }
}
