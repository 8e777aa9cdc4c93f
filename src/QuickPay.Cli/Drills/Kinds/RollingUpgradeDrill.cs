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
        );

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var unknownBefore = stage.Traffic.Pulse.Unknown;
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
        var unknown = stage.Traffic.Pulse.Unknown - unknownBefore;
        stage.Judge("Every member was answered", unknown == 0, $"{unknown} without an outcome, {stage.Stack.Hosts.Count} hosts upgraded");
    }
}
