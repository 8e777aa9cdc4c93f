using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>A zone vanishes, with the primary, an edge, a worker and API servers in it; later it is back.</summary>
internal static class ZoneDrill
{
    private static readonly TimeSpan GoneAfterwards = TimeSpan.FromSeconds(5);

    public static Drill Create() =>
        new(
            "zone",
            "the zone with the primary vanishes from every network; later it is back",
            DatabaseDrill.Promise,
            DatabaseDrill.Goal,
            RunAsync
        )
        {
            CutsLines = true,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var primary = await stage.PrimaryAsync(cancellationToken);
        var zone = primary.Place;
        stage.Fault($"zone {zone.Name} is gone: {primary.NodeName} (primary) and {Others(stage, zone)}");
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
        var follows = await stage.UntilAsync(
            () => DatabaseDrill.FollowsAsync(stage, primary.NodeName, cancellationToken),
            TimeSpan.FromSeconds(60),
            cancellationToken
        );
        stage.Judge(
            "The lost primary comes back as a standby",
            follows,
            follows ? $"{primary.NodeName} follows its successor" : "it does not follow"
        );
    }

    private static string Others(DrillStage stage, Zone zone) =>
        string.Join(", ", stage.Stack.Hosts.Where(host => host.Zone == zone.Name).Select(host => host.Name));
}
