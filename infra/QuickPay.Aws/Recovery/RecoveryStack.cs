using Amazon.CDK;
using Amazon.CDK.AWS.Backup;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.RDS;
using Amazon.CDK.AWS.SNS;
using Constructs;
using QuickPay.Aws.Audit;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Network;
using QuickPay.Aws.Observe;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// The second region: a replica of the database that follows by itself, a vault for the monthly snapshots, keys of its own, and what makes the replica a
/// primary. What members see of it is served by <see cref="SecondServiceStack"/>.
/// </summary>
internal sealed class RecoveryStack : Stack
{
    public RecoveryStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        NetworkStack network,
        RecoveryKeysStack keys,
        IStackProps props
    )
        : base(scope, id, props)
    {
        _ = new BackupVault(
            this,
            "Snapshots",
            new BackupVaultProps
            {
                BackupVaultName = Snapshots.VaultOf(settings),
                EncryptionKey = keys.Data,
                BlockRecoveryPointDeletion = true,
                RemovalPolicy = settings.Removal(),
            }
        );
        var name = NameOf(settings);
        Replica = AddReplica(settings, network, keys, name);
        var topic = Topic = AlarmTopic.Add(
            this,
            "Elsewhere",
            Promotion.TopicOf(settings),
            keys.Topics,
            ServiceKey.Events,
            ServiceKey.Alarms
        );
        topic.Tell(this, "Mail", "email", AlarmTopic.AskForMail(this));
        // The first region's topics may be lost with it.
        topic.TellPager(this);
        var (document, promoter) = Promotion.Add(this, settings, name, topic, keys.Topics);
        PromotionStart.Add(this, settings, document, promoter, topic);
    }

    /// <summary>Of the replica.</summary>
    public static string NameOf(EnvironmentSettings settings) => $"{Data.Database.PrimaryOf(settings)}-elsewhere";

    /// <summary>Who is told of what happens to the second region.</summary>
    public Topic Topic { get; }

    /// <summary>Its address stays when it is promoted.</summary>
    public CfnDBInstance Replica { get; }

    private CfnDBInstance AddReplica(EnvironmentSettings settings, NetworkStack network, RecoveryKeysStack keys, string name)
    {
        var subnets = new CfnDBSubnetGroup(
            this,
            "Subnets",
            new CfnDBSubnetGroupProps
            {
                DbSubnetGroupDescription = "The replica of the first region",
                SubnetIds = network.Vpc.SelectSubnets(NetworkStack.PrivateSubnets).SubnetIds,
            }
        );
        var parameters = new CfnDBParameterGroup(
            this,
            "Parameters",
            new CfnDBParameterGroupProps
            {
                Family = "postgres15",
                Description = "The replica of the first region",
                Parameters = Data.DatabaseParameters.OfReplicas,
            }
        );
        var replica = new CfnDBInstance(
            this,
            "Replica",
            new CfnDBInstanceProps
            {
                DbInstanceIdentifier = name,
                // Of another region, so by its whole name.
                SourceDbInstanceIdentifier = $"arn:aws:rds:{settings.Region}:{Account}:db:{Data.Database.PrimaryOf(settings)}",
                SourceRegion = settings.Region,
                DbInstanceClass = $"db.{settings.Database.Instance}",
                DbSubnetGroupName = subnets.Ref,
                DbParameterGroupName = parameters.Ref,
                VpcSecurityGroups = [network.Groups.Database.SecurityGroupId],
                // As a primary it will need its standby at once.
                MultiAz = settings.Database.MultiAz,
                PubliclyAccessible = false,
                EnableIamDatabaseAuthentication = true,
                StorageType = "gp3",
                StorageEncrypted = true,
                KmsKeyId = keys.Data.KeyArn,
                BackupRetentionPeriod = settings.Database.BackupDays,
                // While it is backed up it cannot be promoted. It gets new minor versions before what it follows: that is on Sundays.
                PreferredBackupWindow = "20:00-20:30",
                PreferredMaintenanceWindow = "sat:19:00-sat:19:30",
                CaCertificateIdentifier = Data.Database.Authority,
                AutoMinorVersionUpgrade = true,
                CopyTagsToSnapshot = true,
                DeletionProtection = settings.KeepsData,
                EnableCloudwatchLogsExports = Data.Database.ExportedLogs,
                EnablePerformanceInsights = true,
                PerformanceInsightsKmsKeyId = keys.Data.KeyArn,
            }
        );
        replica.ApplyRemovalPolicy(settings.Removal());
        foreach (var log in Data.Database.AddLogs(this, settings, "", name, keys.Logs))
        {
            replica.Node.AddDependency(log);
        }
        return replica;
    }
}
