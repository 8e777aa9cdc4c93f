using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.RDS;
using Amazon.CDK.AWS.SecretsManager;
using Constructs;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Network;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Data;

/// <summary>PostgreSQL: a primary with its standby in another zone, and the read replicas.</summary>
internal sealed class Database
{
    public const string Name = "quickpay";

    /// <summary>Of this major RDS takes its default minor; a minor that is named here would some day be offered no more.</summary>
    private const string Version = "15";
    public const string Authority = "rds-ca-rsa2048-g1";
    private const int MonitoredEverySeconds = 60;
    public static readonly string[] ExportedLogs = ["postgresql", "upgrade"];

    private readonly Construct _scope;
    private readonly EnvironmentSettings _settings;
    private readonly NetworkStack _network;
    private readonly FoundationStack _foundation;
    private readonly IInstanceEngine _engine = DatabaseInstanceEngine.Postgres(
        new PostgresInstanceEngineProps { Version = PostgresEngineVersion.Of(Version, Version) }
    );

    public Database(Construct scope, EnvironmentSettings settings, NetworkStack network, FoundationStack foundation)
    {
        (_scope, _settings, _network, _foundation) = (scope, settings, network, foundation);
        Owner = RoleSecrets.AddOwner(scope, $"quickpay/{settings.Name}/postgres/owner", foundation.Data);
        Primary = AddPrimary();
        Replicas = [.. Enumerable.Range(1, settings.Database.Replicas).Select(AddReplica)];
    }

    public DatabaseInstance Primary { get; }

    /// <summary>
    /// Name and first password of the one who may make roles; when the database has been set up, the password opens nothing any more. Not RDS's own:
    /// of a database whose password it manages, it makes no replicas.
    /// </summary>
    public Secret Owner { get; }

    public IReadOnlyList<DatabaseInstanceReadReplica> Replicas { get; }

    public string PrimaryAddress => Primary.DbInstanceEndpointAddress;

    public IReadOnlyList<string> ReplicaAddresses => [.. Replicas.Select(replica => replica.DbInstanceEndpointAddress)];

    /// <summary>Its name, by which other regions know it.</summary>
    public static string PrimaryOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}";

    /// <summary>Made here, before RDS makes them without a key and for ever.</summary>
    public static IReadOnlyList<LogGroup> AddLogs(Construct scope, EnvironmentSettings settings, string id, string instance, IKey key) =>
        [.. ExportedLogs.Select(log => settings.AddLog(scope, $"{id}{log.Capital()}Log", $"/aws/rds/instance/{instance}/{log}", key))];

    private DatabaseInstance AddPrimary()
    {
        var name = PrimaryOf(_settings);
        var logs = AddLogs("Database", name);
        var primary = new DatabaseInstance(
            _scope,
            "Database",
            new DatabaseInstanceProps
            {
                InstanceIdentifier = name,
                Engine = _engine,
                InstanceType = new Amazon.CDK.AWS.EC2.InstanceType(_settings.Database.Instance),
                DatabaseName = Name,
                Credentials = Credentials.FromPassword(RoleSecrets.OwnerName, Owner.SecretValueFromJson("password")),
                Vpc = _network.Vpc,
                VpcSubnets = NetworkStack.PrivateSubnets,
                SecurityGroups = [_network.Groups.Database],
                MultiAz = _settings.Database.MultiAz,
                PubliclyAccessible = false,
                IamAuthentication = true,
                StorageType = StorageType.GP3,
                AllocatedStorage = _settings.Database.StorageGiB,
                StorageEncrypted = true,
                StorageEncryptionKey = _foundation.Data,
                BackupRetention = Duration.Days(_settings.Database.BackupDays),
                PreferredBackupWindow = "18:00-18:30",
                PreferredMaintenanceWindow = "sun:19:00-sun:19:30",
                AutoMinorVersionUpgrade = true,
                CopyTagsToSnapshot = true,
                DeleteAutomatedBackups = !_settings.KeepsData,
                DeletionProtection = _settings.KeepsData,
                RemovalPolicy = _settings.Removal(),
                ParameterGroup = Parameters("Parameters", DatabaseParameters.All),
                CaCertificate = CaCertificate.Of(Authority),
                CloudwatchLogsExports = ExportedLogs,
                EnablePerformanceInsights = true,
                PerformanceInsightEncryptionKey = _foundation.Data,
                MonitoringInterval = Duration.Seconds(MonitoredEverySeconds),
                MonitoringRole = MonitoringRole(),
            }
        );
        foreach (var log in logs)
        {
            primary.Node.AddDependency(log);
        }
        return primary;
    }

    private DatabaseInstanceReadReplica AddReplica(int number)
    {
        var name = $"quickpay-{_settings.Name}-replica-{number}";
        var logs = AddLogs($"Replica{number}", name);
        var replica = new DatabaseInstanceReadReplica(
            _scope,
            $"Replica{number}",
            new DatabaseInstanceReadReplicaProps
            {
                InstanceIdentifier = name,
                SourceDatabaseInstance = Primary,
                InstanceType = new Amazon.CDK.AWS.EC2.InstanceType(_settings.Database.Instance),
                Vpc = _network.Vpc,
                VpcSubnets = NetworkStack.PrivateSubnets,
                AvailabilityZone = _settings.Zones[(number - 1) % _settings.Zones.Count],
                SecurityGroups = [_network.Groups.Database],
                PubliclyAccessible = false,
                IamAuthentication = true,
                StorageType = StorageType.GP3,
                AllocatedStorage = _settings.Database.StorageGiB,
                StorageEncrypted = true,
                StorageEncryptionKey = _foundation.Data,
                AutoMinorVersionUpgrade = true,
                CopyTagsToSnapshot = true,
                DeletionProtection = _settings.KeepsData,
                RemovalPolicy = RemovalPolicy.DESTROY,
                ParameterGroup = Parameters($"Replica{number}Parameters", DatabaseParameters.OfReplicas),
                CaCertificate = CaCertificate.Of(Authority),
                CloudwatchLogsExports = ExportedLogs,
                EnablePerformanceInsights = true,
                PerformanceInsightEncryptionKey = _foundation.Data,
                MonitoringInterval = Duration.Seconds(MonitoredEverySeconds),
                MonitoringRole = MonitoringRole(),
            }
        );
        foreach (var log in logs)
        {
            replica.Node.AddDependency(log);
        }
        return replica;
    }

    private ParameterGroup Parameters(string id, IReadOnlyDictionary<string, string> parameters) =>
        new(
            _scope,
            id,
            new ParameterGroupProps
            {
                Engine = _engine,
                Description = $"QuickPay {_settings.Name}",
                Parameters = new Dictionary<string, string>(parameters),
            }
        );

    private IEnumerable<LogGroup> AddLogs(string id, string instance) => AddLogs(_scope, _settings, id, instance, _foundation.Logs);

    private Role MonitoringRole() =>
        _monitoring ??= new Role(
            _scope,
            "Monitoring",
            new RoleProps
            {
                AssumedBy = new ServicePrincipal("monitoring.rds.amazonaws.com"),
                ManagedPolicies = [ManagedPolicy.FromAwsManagedPolicyName("service-role/AmazonRDSEnhancedMonitoringRole")],
            }
        );

    private Role? _monitoring;
}
