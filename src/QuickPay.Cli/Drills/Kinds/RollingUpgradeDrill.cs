using QuickPay.Cli.Drills.Runs;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>What an upgrade does: one host after the other is stopped in order and started again.</summary>
internal static class RollingUpgradeDrill
{
    public static Drill Create() =>
        new(
            "rolling-upgrade",
            "API servers, workers and edges are stopped in order and started again, one after the other",
            TimeSpan.FromSeconds(30),
            TimeSpan.FromSeconds(1),
            RunAsync
        )
        {
            AnswersEveryMember = true,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        foreach (var host in stage.Stack.Hosts)
        {
            stage.Fault($"{host.Name} is upgraded");
            stage.Stack.HoldDown(host);
            await host.StopAsync();
            stage.Stack.BringBack(host);
            if (!await stage.UntilAsync(() => host.IsReadyAsync(cancellationToken), TimeSpan.FromSeconds(60), cancellationToken))
            {
                stage.Judge("Each comes back", false, $"{host.Name} is not ready");
                return;
            }
        }
        await stage.UntilRecoveredAsync(TimeSpan.FromSeconds(30), cancellationToken);
        stage.Judge("Each comes back", true, $"{stage.Stack.Hosts.Count} hosts");
    }
}
