namespace QuickPay.Cli.Aws.Checks;

/// <summary>Seven days back to any moment in the database, and seven daily snapshots of the cache.</summary>
internal static class Backups
{
    public static readonly Property Property = new("backups of seven days", Look) { OnlyWhereDataIsKept = true };

    private const int Days = 7;

    private static IEnumerable<Look> Look(Installation installation) =>
        installation
            .OfType("AWS::RDS::DBInstance", "AWS::RDS::DBCluster")
            .Where(database => !Survival.IsCopy(database))
            .Select(database =>
                Checks.Look.At(
                    database,
                    database["BackupRetentionPeriod"].Number() >= Days,
                    $"its backups do not reach back {Days} days: raise BackupRetentionPeriod"
                )
            )
            .Concat(
                installation
                    .OfType("AWS::ElastiCache::ReplicationGroup")
                    .Select(cache =>
                        Checks.Look.At(
                            cache,
                            cache["SnapshotRetentionLimit"].Number() >= Days,
                            $"fewer than {Days} daily snapshots are kept: raise SnapshotRetentionLimit"
                        )
                    )
            );
}
