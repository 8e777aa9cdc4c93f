using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>What somebody deletes by mistake, or replaces by a change, is still there afterwards.</summary>
internal static class Survival
{
    public static readonly Property Property = new("what is kept survives its stack", Look) { OnlyWhereDataIsKept = true };

    /// <summary>What cannot be made anew.</summary>
    private static readonly string[] Kept =
    [
        "AWS::Backup::BackupVault",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
    ];

    private static readonly string[] Protected = ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance"];

    private static readonly string[] Ends = ["DeletionPolicy", "UpdateReplacePolicy"];

    private const string LoadBalancer = "AWS::ElasticLoadBalancingV2::LoadBalancer";

    /// <summary>A replica, which can be made anew from what it copies.</summary>
    public static bool IsCopy(Resource database) => database["SourceDBInstanceIdentifier"].IsThere();

    private static IEnumerable<Look> Look(Installation installation) =>
        installation.OfType([.. Kept, LoadBalancer]).SelectMany(resource => Checks.Look.At(resource, Faults(resource)));

    private static IEnumerable<string> Faults(Resource resource)
    {
        if (resource.Type == LoadBalancer)
        {
            var isProtected = resource["LoadBalancerAttributes"]
                .Items()
                .Any(attribute => attribute.At("Key").Is("deletion_protection.enabled") && attribute.At("Value").IsTrue());
            if (!isProtected)
            {
                yield return "it can be deleted: set deletion_protection.enabled";
            }
            yield break;
        }
        foreach (var end in Ends.Where(end => !IsCopy(resource) && !IsKept(resource.Whole.At(end))))
        {
            yield return $"it is lost with its stack: set {end} to Retain or Snapshot (RemovalPolicy)";
        }
        if (Protected.Contains(resource.Type) && !resource["DeletionProtection"].IsTrue())
        {
            yield return "it can be deleted: set DeletionProtection";
        }
    }

    private static bool IsKept(JsonElement end) => end.Is("Retain") || end.Is("RetainExceptOnCreate") || end.Is("Snapshot");
}
