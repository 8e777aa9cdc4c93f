using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.Logs;
using Constructs;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Network;

/// <summary>The network: subnets in three zones, ways out, who may talk to whom, and a log of who did.</summary>
internal sealed class NetworkStack : Stack
{
    private static readonly (string Name, InterfaceVpcEndpointAwsService Service)[] PrivateServices =
    [
        ("Kms", InterfaceVpcEndpointAwsService.KMS),
        ("Logs", InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS),
        ("Ssm", InterfaceVpcEndpointAwsService.SSM),
        ("SsmMessages", InterfaceVpcEndpointAwsService.SSM_MESSAGES),
        ("Secrets", InterfaceVpcEndpointAwsService.SECRETS_MANAGER),
    ];

    public NetworkStack(Construct scope, string id, EnvironmentSettings settings, IKey logsKey, IStackProps props)
        : base(scope, id, props)
    {
        Vpc = new Vpc(
            this,
            "Vpc",
            new VpcProps
            {
                IpAddresses = new SubnetPlan(),
                AvailabilityZones = [.. settings.Zones],
                NatGateways = settings.Network.NatPerZone ? settings.Zones.Count : 1,
                RestrictDefaultSecurityGroup = false,
                SubnetConfiguration =
                [
                    new SubnetConfiguration
                    {
                        Name = SubnetPlan.Public,
                        SubnetType = SubnetType.PUBLIC,
                        // Only the load balancer and the gateways are here, and they bring their own addresses.
                        MapPublicIpOnLaunch = false,
                    },
                    new SubnetConfiguration { Name = SubnetPlan.Private, SubnetType = SubnetType.PRIVATE_WITH_EGRESS },
                ],
            }
        );
        Groups = new SecurityGroups(this, Vpc);
        AddEndpoints(settings.Network);
        LogFlows(settings, logsKey);
    }

    public Vpc Vpc { get; }

    public SecurityGroups Groups { get; }

    /// <summary>Where everything of ours is but the load balancer.</summary>
    public static SubnetSelection PrivateSubnets => new() { SubnetGroupName = SubnetPlan.Private };

    private void AddEndpoints(NetworkSettings network)
    {
        Vpc.AddGatewayEndpoint("S3", new GatewayVpcEndpointOptions { Service = GatewayVpcEndpointAwsService.S3 });
        if (!network.PrivateEndpoints)
        {
            return;
        }
        foreach (var (name, service) in PrivateServices)
        {
            Vpc.AddInterfaceEndpoint(
                name,
                new InterfaceVpcEndpointOptions
                {
                    Service = service,
                    Subnets = PrivateSubnets,
                    SecurityGroups = [Groups.Endpoints],
                    // SecurityGroups says who may come.
                    Open = false,
                }
            );
        }
    }

    private void LogFlows(EnvironmentSettings settings, IKey key)
    {
        var log = new LogGroup(
            this,
            "Flows",
            new LogGroupProps
            {
                EncryptionKey = key,
                Retention = LogRetention.Of(settings.LogDays),
                RemovalPolicy = settings.Removal(),
            }
        );
        Vpc.AddFlowLog(
            "FlowLog",
            new FlowLogOptions { Destination = FlowLogDestination.ToCloudWatchLogs(log), TrafficType = FlowLogTrafficType.ALL }
        );
    }
}
