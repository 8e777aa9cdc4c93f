using System.Text.Json.Nodes;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>What somebody could do to the templates of prod, and what must be found then.</summary>
internal static class Breaks
{
    private const string Group = "AWS::EC2::SecurityGroup";
    private const string Ingress = "AWS::EC2::SecurityGroupIngress";
    private const string Egress = "AWS::EC2::SecurityGroupEgress";
    private const string Template = "AWS::EC2::LaunchTemplate";
    private const string Database = "AWS::RDS::DBInstance";
    private const string Cache = "AWS::ElastiCache::ReplicationGroup";
    private const string Bucket = "AWS::S3::Bucket";
    private const string BucketPolicy = "AWS::S3::BucketPolicy";
    private const string Log = "AWS::Logs::LogGroup";
    private const string Secret = "AWS::SecretsManager::Secret";
    private const string Policy = "AWS::IAM::Policy";
    private const string Role = "AWS::IAM::Role";
    private const string Listener = "AWS::ElasticLoadBalancingV2::Listener";
    private const string Balancer = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    private const string Key = "AWS::KMS::Key";

    /// <param name="Property">Which finds it.</param>
    /// <param name="Where">Part of where.</param>
    /// <param name="Fault">Part of what is said.</param>
    internal sealed record Expected(Property Property, string Where, string Fault);

    public static readonly IReadOnlyDictionary<string, (Action<TemplateEdit> Change, Expected[] Expected)> All = new Dictionary<
        string,
        (Action<TemplateEdit>, Expected[])
    >(CopyBreaks.All)
    {
        ["a type that nobody knows"] = (
            edit => edit.Add("Data", "Queue", "AWS::MSK::Cluster", "{}"),
            [new(KnownTypes.Property, "Data/Queue", "AWS::MSK::Cluster")]
        ),

        // Who reaches whom.
        ["the database open to the internet"] = (
            edit => edit.Of(Group, "Database")["SecurityGroupIngress"] = Rules("0.0.0.0/0", 5432),
            [
                new(OpenToTheInternet.Property, "Network/Database", "0.0.0.0/0 in to 5432"),
                new(WhoReachesWhom.Property, "Network/Database", "internet reaches Database on 5432"),
            ]
        ),
        ["the cache open to half of the internet"] = (
            edit => edit.Of(Group, "Cache")["SecurityGroupIngress"] = Rules("128.0.0.0/1", 6379),
            [
                new(OpenToTheInternet.Property, "Network/Cache", "128.0.0.0/1 in to 6379"),
                new(WhoReachesWhom.Property, "Network/Cache", "128.0.0.0/1 reaches Cache on 6379"),
            ]
        ),
        ["another door in the load balancer"] = (
            edit => edit.Of(Group, "LoadBalancer")["SecurityGroupIngress"]!.AsArray().Add(Rule("CidrIpv6", "::/0", 22)),
            [
                new(OpenToTheInternet.Property, "Network/LoadBalancer", "::/0 in to 22"),
                new(WhoReachesWhom.Property, "Network/LoadBalancer", "internet reaches LoadBalancer on 22"),
            ]
        ),
        ["the database open to the whole network"] = (
            edit => edit.Of(Group, "Database")["SecurityGroupIngress"] = Rules("10.0.0.0/16", 5432),
            [new(WhoReachesWhom.Property, "Network/Database", "10.0.0.0/16 reaches Database on 5432")]
        ),
        ["the load balancer let in to the database, by both ends"] = (
            edit =>
            {
                edit.Of(Egress, "LoadBalancerto")["DestinationSecurityGroupId"] = Of(edit, "Database");
                edit.Of(Egress, "LoadBalancerto")["FromPort"] = 5432;
                edit.Of(Egress, "LoadBalancerto")["ToPort"] = 5432;
                edit.Add(
                    "Network",
                    "Hole",
                    Ingress,
                    $$"""
                    {"GroupId": {{Of(edit, "Database")}}, "SourceSecurityGroupId": {{Of(
                        edit,
                        "LoadBalancer"
                    )}}, "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
                    """
                );
            },
            [
                new(WhoReachesWhom.Property, "Network/Database", "LoadBalancer reaches Database on 5432"),
                new(WhoReachesWhom.Property, "Network/LoadBalancer", "does not reach the API servers"),
                new(WhoReachesWhom.Property, "Network/Apifrom", "which LoadBalancer is not let out to"),
            ]
        ),
        ["workers let out to the cache, which lets them in no more"] = (
            edit => edit.Remove(Ingress, "CachefromQuickPayprodNetworkWorker"),
            [
                new(WhoReachesWhom.Property, "Network/Workerto", "which Cache does not let in"),
                new(WhoReachesWhom.Property, "Network/Worker", "does not reach the cache"),
            ]
        ),
        ["the cache free to go anywhere"] = (
            edit => edit.Of(Group, "Cache").Remove("SecurityGroupEgress"),
            [new(WhoReachesWhom.Property, "Network/Cache", "Cache reaches internet on everything")]
        ),
        ["one group for database and cache"] = (
            edit => edit.Of(Cache)["SecurityGroupIds"] = edit.Of(Database, "Database")["VPCSecurityGroups"]!.DeepClone(),
            [
                new(WhoReachesWhom.Property, "Network/Database", "several different things"),
                new(WhoReachesWhom.Property, "Network/Api", "does not reach the database"),
                new(WhoReachesWhom.Property, "Network/Api", "does not reach the cache"),
                new(WhoReachesWhom.Property, "Network/Worker", "does not reach the database"),
                new(WhoReachesWhom.Property, "Network/Worker", "does not reach the cache"),
                new(WhoReachesWhom.Property, "Network/Database", "Api reaches Database"),
                new(WhoReachesWhom.Property, "Network/Database", "Worker reaches Database"),
                new(WhoReachesWhom.Property, "Network/Database", "Functions reaches Database"),
            ]
        ),

        // Stores and what goes between.
        ["a database with a public address"] = (
            edit => edit.Of(Database, "Database")["PubliclyAccessible"] = true,
            [new(PrivateStores.Property, "Data/Database", "PubliclyAccessible")]
        ),
        ["a database that answers without TLS"] = (
            edit => edit.Of("AWS::RDS::DBParameterGroup", "Replica2")["Parameters"]!["rds.force_ssl"] = "0",
            [new(PrivateStores.Property, "Data/Replica2", "rds.force_ssl")]
        ),
        ["a database that would need passwords"] = (
            edit => edit.Of(Database, "Database").AsObject().Remove("EnableIAMDatabaseAuthentication"),
            [new(PrivateStores.Property, "Data/Database", "EnableIAMDatabaseAuthentication")]
        ),
        ["private subnets with a way in from the internet"] = (
            edit =>
            {
                var route = edit.Of("AWS::EC2::Route", "VpcprivateSubnet1");
                route.Remove("NatGatewayId");
                route["GatewayId"] = edit.Of("AWS::EC2::Route", "VpcpublicSubnet1")["GatewayId"]!.DeepClone();
            },
            [
                .. new[] { "Data/Database", "Data/Replica1", "Data/Replica2", "Data/Replica3", "Data/Cache" }.Select(store => new Expected(
                    PrivateStores.Property,
                    store,
                    "its subnets"
                )),
            ]
        ),
        ["a cache that answers without TLS"] = (
            edit => edit.Of(Cache)["TransitEncryptionEnabled"] = false,
            [
                new(PrivateStores.Property, "Data/Cache", "TransitEncryptionEnabled"),
                new(KeysOfOurs.Property, "Data/Cache", "TransitEncryptionEnabled"),
            ]
        ),
        ["a cache without a password"] = (
            edit => edit.Of(Cache).Remove("AuthToken"),
            [new(PrivateStores.Property, "Data/Cache", "AuthToken")]
        ),
        ["TLS 1.2 for members"] = (
            edit => edit.Of(Listener, "LoadBalancerHttps")["SslPolicy"] = "ELBSecurityPolicy-TLS13-1-2-2021-06",
            [new(TransportOfMembers.Property, "Edge/LoadBalancerHttps", "older TLS")]
        ),
        ["an answer without TLS"] = (
            edit =>
                edit.Of(Listener, "LoadBalancerHttpF")["DefaultActions"] = edit.Of(Listener, "LoadBalancerHttps")[
                    "DefaultActions"
                ]!.DeepClone(),
            [new(TransportOfMembers.Property, "Edge/LoadBalancerHttpF", "only redirect")]
        ),
        ["no firewall"] = (
            edit => edit.Remove("AWS::WAFv2::WebACLAssociation", ""),
            [
                new(TransportOfMembers.Property, "prod-Edge/LoadBalancer", "no firewall"),
                new(TransportOfMembers.Property, "prod-RecoveryEdge/LoadBalancer", "no firewall"),
            ]
        ),

        // Keys.
        ["a disk that is not encrypted"] = (
            edit => Disk(edit)["Encrypted"] = false,
            [
                new(Encryption.Property, "Service/ApiTemplate", "/dev/xvda is not encrypted"),
                new(KeysOfOurs.Property, "Service/ApiTemplate", "Ebs.Encrypted"),
            ]
        ),
        ["a disk under AWS's own key"] = (
            edit => Disk(edit).Remove("KmsKeyId"),
            [new(Encryption.Property, "Service/ApiTemplate", "KmsKeyId")]
        ),
        ["a database under somebody's key"] = (
            edit => edit.Of(Database, "Replica1")["PerformanceInsightsKMSKeyId"] = "arn:aws:kms:ap-northeast-2:111122223333:key/1",
            [
                new(Encryption.Property, "Data/Replica1", "PerformanceInsightsKMSKeyId"),
                new(KeysOfOurs.Property, "Data/Replica1", "PerformanceInsightsKMSKeyId"),
            ]
        ),
        ["a log without a key"] = (
            edit => edit.Of(Log, "FirewallLog").Remove("KmsKeyId"),
            [new(Encryption.Property, "Edge/FirewallLog", "KmsKeyId")]
        ),
        ["a topic, a queue and a vault without keys"] = (
            edit =>
            {
                edit.Add("Edge", "Topic", "AWS::SNS::Topic", "{}");
                edit.Add("Edge", "Queue", "AWS::SQS::Queue", """{"KmsMasterKeyId": "alias/aws/sqs"}""");
                edit.Add("Edge", "Vault", "AWS::Backup::BackupVault", "{}");
                edit.Whole("AWS::Backup::BackupVault", "Vault")["DeletionPolicy"] = "Retain";
                edit.Whole("AWS::Backup::BackupVault", "Vault")["UpdateReplacePolicy"] = "Retain";
            },
            [
                new(Encryption.Property, "Edge/Topic", "KmsMasterKeyId"),
                new(Encryption.Property, "Edge/Queue", "KmsMasterKeyId"),
                new(KeysOfOurs.Property, "Edge/Queue", "KmsMasterKeyId"),
                new(Encryption.Property, "Edge/Vault", "EncryptionKeyArn"),
            ]
        ),
        ["a bucket under S3's own keys that is no access log"] = (
            edit => edit.Of(Bucket, "Artifacts")["BucketEncryption"] = edit.Of(Bucket, "AccessLog")["BucketEncryption"]!.DeepClone(),
            [new(Encryption.Property, "Foundation/Artifacts", "SSEAlgorithm")]
        ),
        ["a copy of a secret under a key that is nobody's"] = (
            edit => edit.Of("AWS::SecretsManager::Secret", "TokenKey")["ReplicaRegions"]![0]!["KmsKeyId"] = "alias/another",
            [new(KeysOfOurs.Property, "Data/TokenKey", "ReplicaRegions[0].KmsKeyId")]
        ),
        ["a key that never rotates"] = (
            edit => edit.Of(Key, "Personal")["EnableKeyRotation"] = false,
            [new(KeyRotation.Property, "Foundation/Personal", "EnableKeyRotation")]
        ),

        // Buckets.
        ["a public bucket"] = (
            edit => edit.Of(Bucket, "Artifacts")["PublicAccessBlockConfiguration"]!["RestrictPublicBuckets"] = false,
            [new(Buckets.Property, "Foundation/Artifacts", "RestrictPublicBuckets")]
        ),
        ["a bucket without versions"] = (
            edit => edit.Of(Bucket, "AccessLog").Remove("VersioningConfiguration"),
            [new(Buckets.Property, "Edge/AccessLog", "VersioningConfiguration")]
        ),
        ["a bucket whose old versions never end"] = (
            edit => edit.Of(Bucket, "AccessLog").Remove("LifecycleConfiguration"),
            [new(Buckets.Property, "Edge/AccessLog", "NoncurrentVersionExpiration")]
        ),
        ["a bucket that answers without TLS"] = (
            edit => Statements(edit, BucketPolicy, "Artifacts").RemoveAt(0),
            [new(Buckets.Property, "Foundation/Artifacts", "aws:SecureTransport")]
        ),

        // Who may do what.
        ["a role that may do everything"] = (
            edit => Statements(edit, Policy, "ApiDefault").Add(Statement("""{"Effect": "Allow", "Action": "*", "Resource": "*"}""")),
            [
                new(Policies.Property, "Identity/ApiDefaultPolicy", "every action"),
                new(WithinBoundary.Property, "Identity/ApiDefaultPolicy", "* is not within"),
            ]
        ),
        ["a role that may do everything with keys"] = (
            edit => Statements(edit, Policy, "Worker").Add(Statement("""{"Effect": "Allow", "Action": ["kms:*"], "Resource": "*"}""")),
            [
                new(Policies.Property, "Identity/WorkerDefaultPolicy", "kms:*"),
                new(WithinBoundary.Property, "Identity/WorkerDefaultPolicy", "kms:* is not within"),
            ]
        ),
        ["a right that the boundary takes away"] = (
            edit => Statements(edit, Policy, "Worker")[0]!["Action"]!.AsArray().Add("s3:DeleteObject"),
            [new(WithinBoundary.Property, "Identity/WorkerDefaultPolicy", "s3:DeleteObject")]
        ),
        ["CloudFormation that may do everything with identities"] = (
            edit => Statements(edit, Policy, "Maker")[0]!["Action"]!.AsArray().Add("iam:*"),
            [new(Policies.Property, "Deployers/MakerDefaultPolicy", "iam:*")]
        ),
        ["an administrator"] = (
            edit => edit.Of(Role, "Developer")["ManagedPolicyArns"]!.AsArray().Add("arn:aws:iam::aws:policy/AdministratorAccess"),
            [new(Policies.Property, "Identity/Developer", "AdministratorAccess")]
        ),
        ["all but something"] = (
            edit => Statements(edit, Policy, "Api").Add(Statement("""{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}""")),
            [new(Policies.Property, "Identity/ApiDefaultPolicy", "NotAction")]
        ),
        ["a key for everybody"] = (
            edit => edit.Of(Key, "Audit")["KeyPolicy"]!["Statement"]![0]!["Principal"] = new JsonObject { ["AWS"] = "*" },
            [new(Policies.Property, "Foundation/Audit", "to everybody")]
        ),
        ["a role without its boundary"] = (
            edit => edit.Of(Role, "Monitoring").Remove("PermissionsBoundary"),
            [new(Boundaries.Property, "Data/Monitoring", "boundary")]
        ),
        ["a role with somebody else's boundary"] = (
            edit => edit.Of(Role, "Api")["PermissionsBoundary"] = "arn:aws:iam::aws:policy/PowerUserAccess",
            [new(Boundaries.Property, "Identity/Api", "boundary")]
        ),
        ["people without a second factor"] = (
            edit => edit.Of(Role, "Deployer")["AssumeRolePolicyDocument"]!["Statement"]![0]!.AsObject().Remove("Condition"),
            [new(Boundaries.Property, "Deployers/Deployer", "second factor")]
        ),
        ["somebody who is not CloudFormation in its role"] = (
            edit => edit.Of(Role, "Maker")["AssumeRolePolicyDocument"]!["Statement"]![0]!["Principal"]!["Service"] = "ec2.amazonaws.com",
            [new(Boundaries.Property, "Deployers/Maker", "cloudformation.amazonaws.com")]
        ),

        // Secrets.
        ["a password in a template"] = (
            edit => edit.Of(Database, "Database")["MasterUserPassword"] = "correct horse",
            [new(PlainSecrets.Property, "Data/Database", "MasterUserPassword")]
        ),
        ["a password in what instances are started with"] = (
            edit => Script(edit, "Postgres__Password=hunter2\n"),
            [new(PlainSecrets.Property, "Service/ApiTemplate", "Postgres__Password")]
        ),
        ["a secret that is resolved where all can see it"] = (
            edit => Script(edit, "X={{resolve:secretsmanager:quickpay/prod/redis}}\n"),
            [new(PlainSecrets.Property, "Service/ApiTemplate", "would show a secret")]
        ),
        ["somebody's access key"] = (
            edit => Script(edit, "# AKIA" + "IOSFODNN7EXAMPLE\n"),
            [new(PlainSecrets.Property, "Service/ApiTemplate", "looks like a key")]
        ),
        ["IMDSv1"] = (
            edit => edit.Of(Template, "Worker")["LaunchTemplateData"]!["MetadataOptions"]!["HttpTokens"] = "optional",
            [new(InstanceMetadata.Property, "Service/WorkerTemplate", "IMDSv1")]
        ),
        ["SSH"] = (
            edit => edit.Of(Template, "Worker")["LaunchTemplateData"]!["KeyName"] = "mine",
            [new(InstanceMetadata.Property, "Service/WorkerTemplate", "SSH")]
        ),

        // What is kept, and for how long.
        ["a log for ever"] = (
            edit => edit.Of(Log, "ApiLog").Remove("RetentionInDays"),
            [new(LogsEnd.Property, "Service/ApiLog", "for ever")]
        ),
        ["a function with a log of its own"] = (
            edit => edit.Add("Service", "Tidy", "AWS::Lambda::Function", "{}"),
            [new(LogsEnd.Property, "Service/Tidy", "LoggingConfig")]
        ),
        ["backups of one day"] = (
            edit => edit.Of(Database, "Database")["BackupRetentionPeriod"] = 1,
            [new(Backups.Property, "Data/Database", "BackupRetentionPeriod")]
        ),
        ["no snapshots of the cache"] = (
            edit => edit.Of(Cache)["SnapshotRetentionLimit"] = 0,
            [new(Backups.Property, "Data/Cache", "SnapshotRetentionLimit")]
        ),
        ["a database that can be deleted"] = (
            edit => edit.Of(Database, "Replica3").Remove("DeletionProtection"),
            [new(Survival.Property, "Data/Replica3", "DeletionProtection")]
        ),
        ["a load balancer that can be deleted"] = (
            edit => edit.Of(Balancer)["LoadBalancerAttributes"]![0]!["Value"] = "false",
            [new(Survival.Property, "Edge/LoadBalancer", "deletion_protection")]
        ),
        ["a key of personal data that goes with its stack"] = (
            edit => edit.Whole(Secret, "PersonalDataKey")["DeletionPolicy"] = "Delete",
            [new(Survival.Property, "Data/PersonalDataKey", "DeletionPolicy")]
        ),
        ["a database in one zone"] = (
            edit => edit.Of(Database, "Database")["MultiAZ"] = false,
            [new(SeveralZones.Property, "Data/Database", "MultiAZ")]
        ),
        ["servers in one zone"] = (
            edit =>
            {
                var subnets = edit.Of("AWS::AutoScaling::AutoScalingGroup", "Api")["VPCZoneIdentifier"]!.AsArray();
                subnets.RemoveAt(2);
                subnets.RemoveAt(1);
            },
            [new(SeveralZones.Property, "Service/ApiServers", "one zone")]
        ),
        ["a zone that goes out by another"] = (
            edit =>
                edit.Of("AWS::EC2::Route", "VpcprivateSubnet3")["NatGatewayId"] = edit.Of("AWS::EC2::Route", "VpcprivateSubnet2")[
                    "NatGatewayId"
                ]!.DeepClone(),
            [new(SeveralZones.Property, "Network/VpcpublicSubnet2NATGateway", "VpcprivateSubnet3")]
        ),
    };

    private static JsonArray Rules(string range, int port) => [Rule("CidrIp", range, port)];

    private static JsonObject Rule(string kind, string range, int port) =>
        new()
        {
            [kind] = range,
            ["IpProtocol"] = "tcp",
            ["FromPort"] = port,
            ["ToPort"] = port,
        };

    /// <summary>How the rules name a group.</summary>
    private static JsonNode Of(TemplateEdit edit, string group) =>
        edit.Of(group == "Database" || group == "Cache" ? Ingress : Egress, group)["GroupId"]!.DeepClone();

    private static JsonObject Disk(TemplateEdit edit) =>
        edit.Of(Template, "Api")["LaunchTemplateData"]!["BlockDeviceMappings"]![0]!["Ebs"]!.AsObject();

    private static JsonArray Statements(TemplateEdit edit, string type, string id) =>
        edit.Of(type, id)["PolicyDocument"]!["Statement"]!.AsArray();

    private static JsonNode Statement(string json) => JsonNode.Parse(json)!;

    /// <summary>A line more in what an API server is started with.</summary>
    private static void Script(TemplateEdit edit, string line) =>
        edit.Of(Template, "Api")["LaunchTemplateData"]!["UserData"]!["Fn::Base64"]!["Fn::Join"]![1]!.AsArray().Add(line);
}
