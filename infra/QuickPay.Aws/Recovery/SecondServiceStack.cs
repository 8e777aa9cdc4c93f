using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Constructs;
using QuickPay.Aws.Data;
using QuickPay.Aws.Edge;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Network;
using QuickPay.Aws.Service;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// The second region's servers, with a cache of their own. They are there all the time: a replica can be read as it is, and servers that had yet to be
/// started would be missed just when everybody starts some. While the database is a replica they show balances and histories and refuse what writes;
/// when it is a primary they do everything, without being started again. Workers have nothing to do before, so there are none
/// (<see cref="SecondWorkers"/>).
/// </summary>
internal sealed class SecondServiceStack : Stack
{
    private readonly EnvironmentSettings _settings;
    private readonly RecoveryKeysStack _keys;
    private readonly NetworkStack _network;

    public SecondServiceStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        RecoveryKeysStack keys,
        NetworkStack network,
        RecoveryStack recovery,
        EdgeStack edge,
        IStackProps props
    )
        : base(scope, id, props)
    {
        (_settings, _keys, _network) = (settings, keys, network);
        var program = ProgramVersion.In(this);
        ServiceStack.AddLogs(this, settings, keys.Logs);
        var password = SecretValue.SecretsManager(Stores.NameOf(settings, "redis"));
        var stores = Stores.Elsewhere(
            settings,
            recovery.Replica.AttrEndpointAddress,
            new Cache(this, settings, network, keys.Data, password)
        );
        var (service, bucket) = (settings.Service, keys.Artifacts.BucketName);

        var api = HostEnvironment.OfApi(settings, stores, edge);
        var role = AddRole("Api", api.Logins, "token-key", "personal-data-key");
        role.AddToPolicy(Statements.Seal(keys.Personal));
        var servers = AddServers(
            "Api",
            new ServerKind("QuickPay.Api", service.Instance, service.Min, service.Max),
            role,
            group => BootScript.Of("QuickPay.Api", group, api, program, bucket),
            edge.Targets.TargetGroupArn
        );
        Scaling.Add(this, servers.Group);
        StandbyAlarms.Add(this, settings, edge, recovery.Topic);

        var worker = HostEnvironment.OfWorker(settings, stores);
        AddServers(
            "Worker",
            new ServerKind("QuickPay.Worker", service.Instance, 0, service.Workers, SecondWorkers.NameOf(settings)),
            AddRole("Worker", worker.Logins),
            group => BootScript.Of("QuickPay.Worker", group, worker, program, bucket)
        );
    }

    private ServerGroup AddServers(string kind, ServerKind servers, Role role, Func<string, string> script, params string[] targets) =>
        new(this, kind, servers, _network, kind == "Api" ? _network.Groups.Api : _network.Groups.Worker, role, _keys.Data, script, targets);

    private Role AddRole(string kind, IReadOnlyList<DatabaseLogin> logins, params string[] secrets) =>
        InstanceRole.Add(
            this,
            _settings,
            new InstanceRights(
                kind,
                $"quickpay-{_settings.Name}-elsewhere-{kind.ToLowerInvariant()}",
                StackName,
                // Secrets Manager ends each with six characters that nobody knows before.
                [
                    .. secrets
                        .Append("redis")
                        .Select(name => $"arn:aws:secretsmanager:{Region}:{Account}:secret:{Stores.NameOf(_settings, name)}-??????"),
                ],
                logins,
                _keys.Data,
                _keys.Artifacts
            )
        );
}
