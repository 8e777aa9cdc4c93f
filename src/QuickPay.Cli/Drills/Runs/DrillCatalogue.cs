using QuickPay.Cli.Drills.Kinds;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>Every drill there is, in the order in which `all` runs them.</summary>
internal static class DrillCatalogue
{
    public static readonly TimeSpan CalmByDefault = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<Drill> All(TimeSpan calm) =>
        [
            CalmDrill.Create(calm),
            ApiDrill.Create(),
            RedisDrill.Create(),
            RedisAwayDrill.Create(),
            ClockDrill.Create(),
            RollingUpgradeDrill.Create(),
            DatabaseDrill.Create(),
            PartitionDrill.Create(),
            FrozenDrill.Create(),
            ZoneDrill.Create(),
            ZoneDrill.CreateForStandby(),
            StandbyDownDrill.Create(),
            CutCommitDrill.Create(),
            EtcdDrill.Create(),
            DiskFullDrill.Create(),
        ];
}
