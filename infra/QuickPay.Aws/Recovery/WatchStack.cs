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
/// Asks from outside whether the first region serves. Route 53 asks from many places in the world, and has its figures in North Virginia alone, so
/// this is there; the alarm is sent to the second region.
/// </summary>
internal sealed class WatchStack : Stack
{
    /// <summary>Where Route 53 keeps its figures.</summary>
    public const string Home = "us-east-1";

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
        var check = AddCheck(settings, domain);
        AddAlarm(settings, check);
        Send(settings, recoveryRegion);
    }

    public static string AlarmOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}-region-lost";

    /// <summary>
    /// Both must hold: the first region's load balancer is reached, and it has a server that is ready. The second is read from an alarm there, since what
    /// Route 53 asks with is no TLS 1.3; of a region that is lost nothing is heard, which counts as no.
    /// </summary>
    private CfnHealthCheck AddCheck(EnvironmentSettings settings, CfnParameter domain)
    {
        var isReached = Check(
            "Reached",
            new CfnHealthCheck.HealthCheckConfigProperty
            {
                Type = "TCP",
                FullyQualifiedDomainName = EdgeStack.OwnNameOf(domain, settings.Region),
                Port = 443,
                RequestInterval = AskEverySeconds,
                FailureThreshold = 3,
            }
        );
        var isReady = Check(
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
        );
        return Check(
            "Answers",
            new CfnHealthCheck.HealthCheckConfigProperty
            {
                Type = "CALCULATED",
                ChildHealthChecks = [isReached.AttrHealthCheckId, isReady.AttrHealthCheckId],
                HealthThreshold = 2,
            }
        );

        CfnHealthCheck Check(string id, CfnHealthCheck.HealthCheckConfigProperty config) =>
            new(this, id, new CfnHealthCheckProps { HealthCheckConfig = config });
    }

    private void AddAlarm(EnvironmentSettings settings, CfnHealthCheck check) =>
        _ = new CfnAlarm(
            this,
            "Lost",
            new CfnAlarmProps
            {
                AlarmName = AlarmOf(settings),
                AlarmDescription = $"The first region has not served for {Minutes} minutes, asked from all over the world",
                Namespace = "AWS/Route53",
                MetricName = "HealthCheckStatus",
                Dimensions = new[]
                {
                    new CfnAlarm.DimensionProperty { Name = "HealthCheckId", Value = check.AttrHealthCheckId },
                },
                Statistic = "Maximum",
                Period = 60,
                EvaluationPeriods = Minutes,
                Threshold = 1,
                ComparisonOperator = "LessThanThreshold",
                TreatMissingData = "notBreaching",
            }
        );

    private void Send(EnvironmentSettings settings, string recoveryRegion)
    {
        var bus = $"arn:aws:events:{recoveryRegion}:{Account}:event-bus/default";
        var sender = new Role(
            this,
            "Sender",
            new RoleProps { AssumedBy = new ServicePrincipal("events.amazonaws.com"), Description = "Sends the alarm to the second region" }
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
                    ["detail"] = new Dictionary<string, object> { ["alarmName"] = new[] { AlarmOf(settings) } },
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
