using Amazon.CDK;
using Amazon.CDK.AWS.ElastiCache;
using Amazon.CDK.AWS.KMS;
using Constructs;
using QuickPay.Aws.Network;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Data;

/// <summary>Redis: a primary and its replicas in other zones, cluster mode off. Sessions are there, so nothing is thrown out when it is full.</summary>
internal sealed class Cache
{
    private const string Version = "7.1";

    /// <param name="scope">Where.</param>
    /// <param name="settings">How large.</param>
    /// <param name="network">In which network.</param>
    /// <param name="key">What is kept lies under it.</param>
    /// <param name="password">What clients prove themselves by.</param>
    public Cache(Construct scope, EnvironmentSettings settings, NetworkStack network, IKey key, SecretValue password)
    {
        var subnets = new CfnSubnetGroup(
            scope,
            "CacheSubnets",
            new CfnSubnetGroupProps
            {
                Description = $"QuickPay {settings.Name}",
                SubnetIds = network.Vpc.SelectSubnets(NetworkStack.PrivateSubnets).SubnetIds,
            }
        );
        var parameters = new CfnParameterGroup(
            scope,
            "CacheParameters",
            new CfnParameterGroupProps
            {
                CacheParameterGroupFamily = "redis7",
                Description = $"QuickPay {settings.Name}",
                Properties = new Dictionary<string, string> { ["maxmemory-policy"] = "noeviction" },
            }
        );
        var hasReplicas = settings.Cache.Replicas > 0;
        Group = new CfnReplicationGroup(
            scope,
            "Cache",
            new CfnReplicationGroupProps
            {
                ReplicationGroupId = NameOf(settings),
                ReplicationGroupDescription = $"QuickPay {settings.Name}: sessions, balances, pages",
                Engine = "redis",
                EngineVersion = Version,
                CacheNodeType = $"cache.{settings.Cache.Node}",
                NumCacheClusters = 1 + settings.Cache.Replicas,
                AutomaticFailoverEnabled = hasReplicas,
                MultiAzEnabled = hasReplicas,
                CacheSubnetGroupName = subnets.Ref,
                CacheParameterGroupName = parameters.Ref,
                SecurityGroupIds = [network.Groups.Cache.SecurityGroupId],
                Port = SecurityGroups.CachePort,
                TransitEncryptionEnabled = true,
                AtRestEncryptionEnabled = true,
                KmsKeyId = key.KeyArn,
                AuthToken = password.UnsafeUnwrap(),
                SnapshotRetentionLimit = settings.Cache.SnapshotDays,
                SnapshotWindow = "17:00-18:00",
                PreferredMaintenanceWindow = "sun:20:00-sun:21:00",
                AutoMinorVersionUpgrade = true,
            }
        );
        if (settings.KeepsData)
        {
            Group.ApplyRemovalPolicy(RemovalPolicy.SNAPSHOT);
        }
    }

    /// <summary>Its nodes are called so too, with <c>-001</c> and up behind it.</summary>
    public static string NameOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}";

    public CfnReplicationGroup Group { get; }
}
