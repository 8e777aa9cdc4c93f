using Amazon.CDK;
using Amazon.CDK.AWS.CertificateManager;
using Amazon.CDK.AWS.ElasticLoadBalancingV2;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.Route53;
using Amazon.CDK.AWS.S3;
using Amazon.CDK.AWS.WAFv2;
using Constructs;
using QuickPay.Aws.Network;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Edge;

/// <summary>Where members come in: the name's certificate, the firewall, and the load balancer, which ends TLS 1.3.</summary>
internal sealed class EdgeStack : Stack
{
    private const string HealthPath = "/health/ready";

    public EdgeStack(Construct scope, string id, EnvironmentSettings settings, NetworkStack network, IKey logsKey, IStackProps props)
        : base(scope, id, props)
    {
        Domain = new CfnParameter(
            this,
            "Domain",
            new CfnParameterProps { Description = "The name that members call, such as pay.example.com", AllowedPattern = "^[a-z0-9.-]+$" }
        );
        HostedZone = new CfnParameter(
            this,
            "HostedZone",
            new CfnParameterProps { Type = "AWS::Route53::HostedZone::Id", Description = "The Route 53 zone that the name is in" }
        );
        Targets = AddTargets(network);
        // Load balancers can write under no key of ours.
        AccessLog = new Bucket(this, "AccessLog", AccessLogOf(settings));
        LoadBalancer = AddLoadBalancer(settings, network);
        AddListeners();
        AddFirewall(settings, logsKey);
        AddNames(settings);
    }

    /// <summary>Of the second region's, for the trail in the first.</summary>
    public static string AccessLogElsewhere(EnvironmentSettings settings, string account) =>
        $"quickpay-{settings.Name}-access-{account}-{settings.Recovery!.Region}";

    /// <summary>The name of a region's own way in, whatever members' name leads to: for the watch.</summary>
    public static string OwnNameOf(CfnParameter domain, string region) => $"{region}.{domain.ValueAsString}";

    public CfnParameter Domain { get; }

    public CfnParameter HostedZone { get; }

    public ApplicationLoadBalancer LoadBalancer { get; }

    /// <summary>Every request, with its address.</summary>
    public Bucket AccessLog { get; }

    /// <summary>The API servers, which the service registers.</summary>
    public ApplicationTargetGroup Targets { get; }

    private BucketProps AccessLogOf(EnvironmentSettings settings)
    {
        var bucket = PrivateBucket.Of(settings, key: null);
        bucket.BucketName = settings.Failover == "SECONDARY" ? AccessLogElsewhere(settings, Account) : null;
        return bucket;
    }

    private ApplicationTargetGroup AddTargets(NetworkStack network) =>
        new(
            this,
            "Api",
            new ApplicationTargetGroupProps
            {
                Vpc = network.Vpc,
                Port = SecurityGroups.ApiPort,
                Protocol = ApplicationProtocol.HTTP,
                TargetType = TargetType.INSTANCE,
                // Out after 15 s, of the 30 s that are promised.
                HealthCheck = new Amazon.CDK.AWS.ElasticLoadBalancingV2.HealthCheck
                {
                    Path = HealthPath,
                    Interval = Duration.Seconds(5),
                    Timeout = Duration.Seconds(4),
                    UnhealthyThresholdCount = 3,
                    HealthyThresholdCount = 2,
                },
                StickinessCookieDuration = Duration.Hours(1),
                // As long as a server takes to finish what it has begun.
                DeregistrationDelay = Duration.Seconds(30),
                LoadBalancingAlgorithmType = TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
            }
        );

    private ApplicationLoadBalancer AddLoadBalancer(EnvironmentSettings settings, NetworkStack network)
    {
        var balancer = new ApplicationLoadBalancer(
            this,
            "LoadBalancer",
            new ApplicationLoadBalancerProps
            {
                Vpc = network.Vpc,
                VpcSubnets = new Amazon.CDK.AWS.EC2.SubnetSelection { SubnetGroupName = SubnetPlan.Public },
                InternetFacing = true,
                SecurityGroup = network.Groups.LoadBalancer,
                DropInvalidHeaderFields = true,
                DesyncMitigationMode = DesyncMitigationMode.STRICTEST,
                DeletionProtection = settings.KeepsData,
                IdleTimeout = Duration.Seconds(60),
            }
        );
        AccessLog.AddLifecycleRule(new Amazon.CDK.AWS.S3.LifecycleRule { Expiration = Duration.Days(settings.LogDays) });
        balancer.LogAccessLogs(AccessLog);
        return balancer;
    }

    private void AddListeners()
    {
        var certificate = new CfnCertificate(
            this,
            "Certificate",
            new CfnCertificateProps
            {
                DomainName = Domain.ValueAsString,
                ValidationMethod = "DNS",
                DomainValidationOptions = new[]
                {
                    new CfnCertificate.DomainValidationOptionProperty
                    {
                        DomainName = Domain.ValueAsString,
                        HostedZoneId = HostedZone.ValueAsString,
                    },
                },
            }
        );
        LoadBalancer.AddListener(
            "Https",
            new BaseApplicationListenerProps
            {
                Port = 443,
                Protocol = ApplicationProtocol.HTTPS,
                SslPolicy = SslPolicy.TLS13_13,
                Certificates = [ListenerCertificate.FromArn(certificate.Ref)],
                DefaultTargetGroups = [Targets],
                // The security groups say who may come.
                Open = false,
            }
        );
        LoadBalancer.AddListener(
            "Http",
            new BaseApplicationListenerProps
            {
                Port = 80,
                Protocol = ApplicationProtocol.HTTP,
                DefaultAction = ListenerAction.Redirect(
                    new RedirectOptions
                    {
                        Protocol = "HTTPS",
                        Port = "443",
                        Permanent = true,
                    }
                ),
                Open = false,
            }
        );
    }

    private void AddFirewall(EnvironmentSettings settings, IKey logsKey)
    {
        var firewall = new CfnWebACL(
            this,
            "Firewall",
            new CfnWebACLProps
            {
                Scope = "REGIONAL",
                DefaultAction = new CfnWebACL.DefaultActionProperty { Allow = new CfnWebACL.AllowActionProperty() },
                Rules = FirewallRules.Of(settings.Edge),
                VisibilityConfig = FirewallRules.Visible("quickpay"),
            }
        );
        _ = new CfnWebACLAssociation(
            this,
            "Guards",
            new CfnWebACLAssociationProps { ResourceArn = LoadBalancer.LoadBalancerArn, WebAclArn = firewall.AttrArn }
        );
        // The firewall writes to groups with this beginning and to no others.
        var log = settings.AddLog(this, "FirewallLog", $"aws-waf-logs-quickpay-{settings.Name}", logsKey);
        _ = new CfnLoggingConfiguration(
            this,
            "FirewallLogging",
            new CfnLoggingConfigurationProps
            {
                ResourceArn = firewall.AttrArn,
                LogDestinationConfigs = [log.LogGroupArn],
                // What was let in is in the API's own log; writing it twice would cost more than the firewall.
                // By CloudFormation's names: CDK's own types for this give others.
                LoggingFilter = new Dictionary<string, object>
                {
                    ["DefaultBehavior"] = "DROP",
                    ["Filters"] = new object[]
                    {
                        new Dictionary<string, object>
                        {
                            ["Behavior"] = "KEEP",
                            ["Requirement"] = "MEETS_ANY",
                            ["Conditions"] = new object[]
                            {
                                new Dictionary<string, object>
                                {
                                    ["ActionCondition"] = new Dictionary<string, object> { ["Action"] = "BLOCK" },
                                },
                            },
                        },
                    },
                },
                RedactedFields = new[] { Header("authorization"), Header("cookie") },
            }
        );
    }

    /// <summary>
    /// Members' name leads here; with a second region, to the first one as long as a server there is ready, which Route 53 learns from the load
    /// balancer, and as long as nobody has shut it out.
    /// </summary>
    private void AddNames(EnvironmentSettings settings)
    {
        if (settings.Failover is { } failover)
        {
            AddName("OwnName", OwnNameOf(Domain, settings.Region), settings);
            AddName("Name", Domain.ValueAsString, settings, failover, failover == "PRIMARY" ? AddSwitch(settings) : null);
            return;
        }
        AddName("Name", Domain.ValueAsString, settings);
    }

    /// <summary>
    /// What takes members' name from this region, for good: the promotion of the second one switches it off, and a person on again. By itself it only says
    /// that the region is reached. It is not the watch's, since it must be where the record is, and Route 53 makes up its id.
    /// </summary>
    private CfnHealthCheck AddSwitch(EnvironmentSettings settings) =>
        new(
            this,
            "Serves",
            new CfnHealthCheckProps
            {
                HealthCheckConfig = new CfnHealthCheck.HealthCheckConfigProperty
                {
                    Type = "TCP",
                    FullyQualifiedDomainName = OwnNameOf(Domain, settings.Region),
                    Port = 443,
                    RequestInterval = 30,
                    FailureThreshold = 3,
                },
                HealthCheckTags = new[]
                {
                    new CfnHealthCheck.HealthCheckTagProperty { Key = "Name", Value = $"quickpay-{settings.Name}-first-region-serves" },
                },
            }
        );

    private void AddName(string id, string name, EnvironmentSettings settings, string? failover = null, CfnHealthCheck? serves = null) =>
        _ = new CfnRecordSet(
            this,
            id,
            new CfnRecordSetProps
            {
                HostedZoneId = HostedZone.ValueAsString,
                Name = name,
                Type = "A",
                Failover = failover,
                SetIdentifier = failover is null ? null : settings.Region,
                HealthCheckId = serves?.AttrHealthCheckId,
                AliasTarget = new CfnRecordSet.AliasTargetProperty
                {
                    DnsName = LoadBalancer.LoadBalancerDnsName,
                    HostedZoneId = LoadBalancer.LoadBalancerCanonicalHostedZoneId,
                    EvaluateTargetHealth = failover is not null,
                },
            }
        );

    private static CfnLoggingConfiguration.FieldToMatchProperty Header(string name) =>
        new() { SingleHeader = new Dictionary<string, object> { ["Name"] = name } };
}
