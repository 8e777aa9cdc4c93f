using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>A zone vanishes, with a PostgreSQL node, API servers, a worker and perhaps an edge and Redis's primary in it; later it is back.</summary>
internal static class ZoneDrill
{
    private static readonly TimeSpan WithoutPrimary = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan GoneAfterwards = TimeSpan.FromSeconds(5);

    public static Drill Create() =>
        new(
            "zone",
            "the zone with the primary vanishes from every network; later it is back",
            DatabaseDrill.Promise,
            DatabaseDrill.Goal,
            async (stage, cancellationToken) =>
                await RunAsync(stage, await stage.PrimaryAsync(cancellationToken), "primary", cancellationToken)
        )
        {
            CutsLines = true,
        };

    /// <summary>Of the two other zones the one that hurts more: commits wait for the node in it.</summary>
    public static Drill CreateForStandby() =>
        new(
            "zone-standby",
            "the zone with the synchronous standby vanishes from every network; later it is back",
            WithoutPrimary,
            DatabaseDrill.Goal,
            async (stage, cancellationToken) =>
                await RunAsync(stage, await stage.StandbyAsync(cancellationToken), "synchronous standby", cancellationToken)
        )
        {
            CutsLines = true,
        };

    private static async Task RunAsync(DrillStage stage, PatroniNode node, string part, CancellationToken cancellationToken)
    {
        var zone = node.Place;
        stage.Fault($"zone {zone.Name} is gone: {node.NodeName} ({part}) and {Others(stage, zone)}");
        await stage.Stack.Network.CutOffAsync(zone);
        try
        {
            await stage.UntilRecoveredAsync(DatabaseDrill.Promise, cancellationToken);
            await stage.FlowAsync(GoneAfterwards, cancellationToken);
        }
        finally
        {
            await stage.Stack.Network.HealAsync(zone);
        }
        stage.Note($"zone {zone.Name} is back");
        await stage.JudgeFollowsAsync(node, cancellationToken);
    }

    private static string Others(DrillStage stage, Zone zone) =>
        string.Join(", ", stage.Stack.Hosts.Where(host => host.Zone == zone.Name).Select(host => host.Name));
}
