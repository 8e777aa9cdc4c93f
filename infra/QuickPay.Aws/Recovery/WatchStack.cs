using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Route53;
using Constructs;
using QuickPay.Aws.Edge;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Observe;
using QuickPay.Aws.Settings;
using CfnRule = Amazon.CDK.AWS.Events.CfnRule;
using CfnRuleProps = Amazon.CDK.AWS.Events.CfnRuleProps;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// Asks from outside whether the first region is reached, and whether it serves. Route 53 asks from many places in the world, and has its figures in
/// North Virginia alone, so this is there; the alarms are sent to the second region.
/// </summary>
internal sealed class WatchStack : Stack
{
    /// <summary>Where Route 53 keeps its figures.</summary>
    public const string Home = "us-east-1";

    /// <summary>The alarm that nobody reaches the first region.</summary>
    public const string Lost = "lost";

    /// <summary>The alarm that it is reached, and does not serve.</summary>
    public const string Silent = "silent";

    private const int AskEverySeconds = 10;

    /// <summary>Of the five minutes in which the second region is to have taken over.</summary>
    private const int Minutes = 2;

    public WatchStack(Construct scope, string id, EnvironmentSettings settings, string recoveryRegion, IStackProps props)
        : base(scope, id, props)
    {
        var domain = new CfnParameter(
            this,
            "Domain",
            new CfnParameterProps { Description = "The name that members call", AllowedPattern = "^[a-z0-9.-]+$" }
        );
        var isReached = Metric(
            AddCheck(
                "Reached",
                new CfnHealthCheck.HealthCheckConfigProperty
                {
                    Type = "TCP",
                    FullyQualifiedDomainName = EdgeStack.OwnNameOf(domain, settings.Region),
                    Port = 443,
                    RequestInterval = AskEverySeconds,
                    FailureThreshold = 3,
                }
            )
        );
        // What Route 53 asks with is no TLS 1.3, so it reads an alarm there; of a region that is lost nothing is heard, which counts as no.
        var isReady = Metric(
            AddCheck(
                "Ready",
                new CfnHealthCheck.HealthCheckConfigProperty
                {
                    Type = "CLOUDWATCH_METRIC",
                    AlarmIdentifier = new CfnHealthCheck.AlarmIdentifierProperty
                    {
                        Name = ObserveStack.NobodyReadyOf(settings),
                        Region = settings.Region,
                    },
                    InsufficientDataHealthStatus = "Unhealthy",
                }
            )
        );
        AddAlarm("Lost", NameOf(settings, Lost), "The first region could not be reached", isReached);
        AddAlarm(
            "Silent",
            NameOf(settings, Silent),
            "The first region was reached, and no server there was ready",
            new MathExpression(
                new MathExpressionProps
                {
                    // One that is lost is not silent: somebody would be asked a second time.
                    Expression = "IF(reached, ready, 1)",
                    UsingMetrics = new Dictionary<string, IMetric> { ["reached"] = isReached, ["ready"] = isReady },
                    Period = Duration.Minutes(1),
                }
            )
        );
        Send(settings, recoveryRegion);
    }

    public static string NameOf(EnvironmentSettings settings, string alarm) => $"{PrefixOf(settings)}-{alarm}";

    /// <summary>With which the alarms' names begin.</summary>
    public static string PrefixOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}-region";

    private CfnHealthCheck AddCheck(string id, CfnHealthCheck.HealthCheckConfigProperty config) =>
        new(this, id, new CfnHealthCheckProps { HealthCheckConfig = config });

    /// <summary>1 when most places of the world say yes, else 0.</summary>
    private static Metric Metric(CfnHealthCheck check) =>
        new(
            new MetricProps
            {
                Namespace = "AWS/Route53",
                MetricName = "HealthCheckStatus",
                DimensionsMap = new Dictionary<string, string> { ["HealthCheckId"] = check.AttrHealthCheckId },
                // A minute in which it was well for a moment is none of these.
                Statistic = "Maximum",
                Period = Duration.Minutes(1),
            }
        );

    private void AddAlarm(string id, string name, string description, IMetric metric) =>
        _ = new Alarm(
            this,
            id,
            new AlarmProps
            {
                AlarmName = name,
                AlarmDescription = $"{description} for {Minutes} minutes, asked from all over the world",
                Metric = metric,
                EvaluationPeriods = Minutes,
                Threshold = 1,
                ComparisonOperator = ComparisonOperator.LESS_THAN_THRESHOLD,
                TreatMissingData = TreatMissingData.NOT_BREACHING,
            }
        );

    private void Send(EnvironmentSettings settings, string recoveryRegion)
    {
        var bus = $"arn:aws:events:{recoveryRegion}:{Account}:event-bus/default";
        var sender = new Role(
            this,
            "Sender",
            new RoleProps
            {
                AssumedBy = Statements.OwnService(this, "events.amazonaws.com"),
                Description = "Sends the alarms to the second region",
            }
        );
        sender.AddToPolicy(Statements.Allow("Send", ["events:PutEvents"], [bus]));
        _ = new CfnRule(
            this,
            "ToTheSecondRegion",
            new CfnRuleProps
            {
                EventPattern = new Dictionary<string, object>
                {
                    ["source"] = new[] { "aws.cloudwatch" },
                    ["detail-type"] = new[] { "CloudWatch Alarm State Change" },
                    ["detail"] = new Dictionary<string, object>
                    {
                        ["alarmName"] = new[] { NameOf(settings, Lost), NameOf(settings, Silent) },
                    },
                },
                Targets = new[]
                {
                    new CfnRule.TargetProperty
                    {
                        Id = "second-region",
                        Arn = bus,
                        RoleArn = sender.RoleArn,
                    },
                },
            }
        );
    }
}
