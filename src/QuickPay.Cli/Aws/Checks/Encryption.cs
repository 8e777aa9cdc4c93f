using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>Whatever keeps something keeps it under a key of ours. AWS's own keys would do for a disk, but nobody could take them away.</summary>
internal static class Encryption
{
    public static readonly Property Property = new("stores are encrypted under our keys", Look);

    /// <summary>Types that keep something, and what is wrong with one.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Installation, Resource, IEnumerable<string>>> Stores = new Dictionary<
        string,
        Func<Installation, Resource, IEnumerable<string>>
    >
    {
        ["AWS::Backup::BackupVault"] = KeyAt("EncryptionKeyArn"),
        ["AWS::CloudTrail::Trail"] = KeyAt("KMSKeyId"),
        ["AWS::DynamoDB::Table"] = KeyAt("SSESpecification", "KMSMasterKeyId"),
        ["AWS::EC2::LaunchTemplate"] = LaunchTemplate,
        ["AWS::EC2::Volume"] = Both(TrueAt("Encrypted"), KeyAt("KmsKeyId")),
        ["AWS::ECR::Repository"] = KeyAt("EncryptionConfiguration", "KmsKey"),
        ["AWS::EFS::FileSystem"] = Both(TrueAt("Encrypted"), KeyAt("KmsKeyId")),
        ["AWS::ElastiCache::ReplicationGroup"] = Both(TrueAt("AtRestEncryptionEnabled"), KeyAt("KmsKeyId")),
        ["AWS::Kinesis::Stream"] = KeyAt("StreamEncryption", "KeyId"),
        ["AWS::KinesisFirehose::DeliveryStream"] = KeyAt("DeliveryStreamEncryptionConfigurationInput", "KeyARN"),
        ["AWS::Logs::LogGroup"] = KeyAt("KmsKeyId"),
        ["AWS::RDS::DBCluster"] = Both(TrueAt("StorageEncrypted"), KeyAt("KmsKeyId")),
        ["AWS::RDS::DBInstance"] = Database,
        ["AWS::S3::Bucket"] = Bucket,
        ["AWS::SNS::Topic"] = KeyAt("KmsMasterKeyId"),
        ["AWS::SQS::Queue"] = KeyAt("KmsMasterKeyId"),
        ["AWS::SecretsManager::Secret"] = KeyAt("KmsKeyId"),
    };

    private static IEnumerable<Look> Look(Installation installation) =>
        installation.OfType([.. Stores.Keys]).SelectMany(store => Checks.Look.At(store, Stores[store.Type](installation, store)));

    private static Func<Installation, Resource, IEnumerable<string>> KeyAt(params string[] path) =>
        (installation, resource) => Key(installation, resource, resource[path], string.Join('.', path));

    private static Func<Installation, Resource, IEnumerable<string>> TrueAt(string name) =>
        (_, resource) => resource[name].IsTrue() ? [] : [$"{name} is not true: set it"];

    private static Func<Installation, Resource, IEnumerable<string>> Both(
        Func<Installation, Resource, IEnumerable<string>> one,
        Func<Installation, Resource, IEnumerable<string>> other
    ) => (installation, resource) => one(installation, resource).Concat(other(installation, resource));

    private static IEnumerable<string> Key(Installation installation, Resource resource, JsonElement value, string path) =>
        installation.IsOurKey(resource, value) ? [] : [$"{path} is no key of ours: give it one of the Foundation stack"];

    private static IEnumerable<string> LaunchTemplate(Installation installation, Resource template)
    {
        var disks = template["LaunchTemplateData", "BlockDeviceMappings"].Items().ToList();
        if (disks.Count == 0)
        {
            return ["it names no disk, and the image's own has no key: add BlockDeviceMappings with the image's root device"];
        }
        return disks.SelectMany(disk =>
        {
            var (name, ebs) = (installation.Text(template, disk.At("DeviceName")), disk.At("Ebs"));
            return (ebs.At("Encrypted").IsTrue() ? [] : (string[])[$"the disk {name} is not encrypted: set Ebs.Encrypted"]).Concat(
                Key(installation, template, ebs.At("KmsKeyId"), $"the KmsKeyId of the disk {name}")
            );
        });
    }

    private static IEnumerable<string> Database(Installation installation, Resource database)
    {
        if (!database["StorageEncrypted"].IsTrue())
        {
            yield return "StorageEncrypted is not true: set it";
        }
        var others = new List<(string Path, JsonElement Value)> { ("KmsKeyId", database["KmsKeyId"]) };
        if (database["EnablePerformanceInsights"].IsTrue())
        {
            others.Add(("PerformanceInsightsKMSKeyId", database["PerformanceInsightsKMSKeyId"]));
        }
        if (database["ManageMasterUserPassword"].IsTrue())
        {
            others.Add(("MasterUserSecret.KmsKeyId", database["MasterUserSecret", "KmsKeyId"]));
        }
        foreach (var fault in others.SelectMany(other => Key(installation, database, other.Value, other.Path)))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> Bucket(Installation installation, Resource bucket)
    {
        var rules = bucket["BucketEncryption", "ServerSideEncryptionConfiguration"].Items().ToList();
        if (rules.Count == 0)
        {
            return ["it says nothing of encryption: set BucketEncryption with a key of ours"];
        }
        // Elastic Load Balancing writes its access logs to buckets with S3's own keys (SSE-S3) alone: AWS offers nothing better there.
        return IsAccessLog(installation, bucket)
            ? []
            : rules
                .Select(rule => rule.At("ServerSideEncryptionByDefault"))
                .SelectMany(rule =>
                    rule.At("SSEAlgorithm").Is("aws:kms")
                        ? Key(installation, bucket, rule.At("KMSMasterKeyID"), "KMSMasterKeyID")
                        : ["its SSEAlgorithm is not aws:kms: encrypt it under a key of ours"]
                );
    }

    private static bool IsAccessLog(Installation installation, Resource bucket) =>
        installation
            .OfType("AWS::ElasticLoadBalancingV2::LoadBalancer")
            .Any(balancer =>
                balancer["LoadBalancerAttributes"]
                    .Items()
                    .Any(attribute =>
                        attribute.At("Key").Is("access_logs.s3.bucket")
                        && installation.Templates.Find(balancer.Stack, attribute.At("Value")) == bucket
                    )
            );
}
