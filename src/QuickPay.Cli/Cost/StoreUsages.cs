using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.Cli.Cost;

/// <summary>What keeps data: PostgreSQL and Redis. Buckets are in <see cref="VolumeUsages"/>, since a template does not say what is in them.</summary>
internal static class StoreUsages
{
    private const decimal GibiByte = 1_024m * 1_024 * 1_024;

    public static readonly IReadOnlyDictionary<string, Func<TemplateReader, Resource, IEnumerable<Usage>>> Readers = new Dictionary<
        string,
        Func<TemplateReader, Resource, IEnumerable<Usage>>
    >
    {
        ["AWS::RDS::DBInstance"] = Database,
        ["AWS::ElastiCache::ReplicationGroup"] = Cache,
        ["AWS::S3::Bucket"] = AuditUsages.Copies,
        ["AWS::Backup::BackupPlan"] = Plan,
    };

    public static bool IsReplica(Resource database) => database["SourceDBInstanceIdentifier"].ValueKind != JsonValueKind.Undefined;

    private static IEnumerable<Usage> Database(TemplateReader reader, Resource database)
    {
        var isReplica = IsReplica(database);
        var engine = reader.Text(database, "Engine");
        TemplateReader.Refuse(database, !isReplica && engine != "postgres", $"its engine is {engine}");
        TemplateReader.Refuse(database, database["Iops"].ValueKind != JsonValueKind.Undefined, "storage of more than its base speed");
        TemplateReader.Refuse(
            database,
            TemplateReader.Number(database, 7, "PerformanceInsightsRetentionPeriod") > 7,
            "performance insights for more than the free 7 days"
        );
        // What is printed for two zones is the price of two servers: ours is for one, and never doubled twice.
        var servers = TemplateReader.IsTrue(database, "MultiAZ") ? 2 : 1;
        var written = reader.Text(database, "DBInstanceClass");
        var (type, primaries) = InstanceSize.Grow(written, reader.Sizing.DatabaseUnits);
        if (type != written)
            reader.Tell($"The database is billed as {primaries} × {type}: {written} of the template is too small for this volume.");
        if (primaries > 1)
            reader.Tell("No single primary is trusted with this volume, and several share no books: that is not built.");
        var hours = primaries * servers * TemplateReader.Hours;
        yield return new(Groups.Rds, isReplica ? "read replicas" : Items.Database, $"rds.{type}", hours, hours);
        yield return new(
            Groups.Rds,
            isReplica ? "storage of read replicas" : Items.Storage,
            $"rds.{reader.Text(database, "StorageType")}",
            StorageOf(reader, database) * servers
        );
        if (!isReplica && TemplateReader.Number(database, 1, "BackupRetentionPeriod") > 0)
            yield return new(Groups.Rds, Items.Backups, "rds.backup", Assumptions.BackupGb.Value * reader.Volume.Scale);
        if (TemplateReader.Number(database, 0, "MonitoringInterval") > 0)
            yield return new(Groups.CloudWatch, "enhanced monitoring of databases", "logs.gb", Assumptions.MonitoringLogGb.Value * servers);
        if (TemplateReader.IsTrue(database, "ManageMasterUserPassword"))
            yield return new(Groups.Keys, "secrets", "secrets.secret", 1);
        if (database["SourceRegion"].ValueKind != JsonValueKind.Undefined)
            yield return new(
                Groups.Transfer,
                "to the second region",
                "transfer.regions",
                reader.Volume.TransfersPerMonth * Assumptions.RegionBytes.Value / VolumeUsages.BytesPerGb
            );
    }

    /// <summary>GB of one server. A replica that says nothing has as much as its source.</summary>
    private static decimal StorageOf(TemplateReader reader, Resource database)
    {
        var said = IsReplica(database)
            ? reader
                .Templates.OfType(database.Type)
                .Where(source => !IsReplica(source))
                .Select(source => TemplateReader.Number(source, 0, "AllocatedStorage"))
                .DefaultIfEmpty(0)
                .Max()
            : 0;
        var storage = TemplateReader.Number(database, said, "AllocatedStorage");
        TemplateReader.Refuse(database, storage == 0, "storage of a size that it does not say");
        return storage * reader.Sizing.StorageScale;
    }

    private static IEnumerable<Usage> Cache(TemplateReader reader, Resource cache)
    {
        var shards = TemplateReader.Number(cache, 1, "NumNodeGroups");
        var nodes = TemplateReader.Number(
            cache,
            (TemplateReader.Number(cache, 0, "ReplicasPerNodeGroup") + 1) * shards,
            "NumCacheClusters"
        );
        var written = reader.Text(cache, "CacheNodeType");
        var (type, groups) = InstanceSize.Grow(written, reader.Sizing.CacheUnits);
        if (type != written)
            reader.Tell($"Redis is billed as {groups} × {type}: {written} of the template is too small for this volume.");
        var hours = groups * TemplateReader.Hours;
        yield return new(Groups.Cache, Items.Primary, type, shards * hours, shards * hours);
        yield return new(Groups.Cache, Items.CacheReplicas, type, (nodes - shards) * hours, (nodes - shards) * hours);
        // The newest is free.
        var snapshots = Math.Max(0, TemplateReader.Number(cache, 0, "SnapshotRetentionLimit") - 1);
        yield return new(Groups.Cache, "snapshots", "cache.backup", snapshots * reader.Sizing.CacheBytes / GibiByte);
    }

    /// <summary>
    /// What a plan keeps here is among the database's backups. Elsewhere nothing is free: the first copy is the whole disk, and what comes on top is
    /// sent and kept once more.
    /// </summary>
    private static IEnumerable<Usage> Plan(TemplateReader reader, Resource plan)
    {
        if (!plan.Properties.Inside().Any(inside => inside.Name == "CopyActions" && inside.Value.Items().Any()))
            yield break;
        reader.Tell(SecondRegion.Note);
        var copied = Assumptions.BackupGb.Value * reader.Volume.Scale;
        var whole = reader
            .Templates.OfType("AWS::RDS::DBInstance")
            .Where(database => !IsReplica(database))
            .Sum(database => StorageOf(reader, database));
        yield return SecondRegion.Of(new(Groups.Rds, "copies of backups", "rds.backup", whole + copied));
        yield return SecondRegion.Of(new(Groups.Transfer, "backups to the second region", "transfer.regions", copied));
    }
}
