using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using Constructs;
using QuickPay.Aws.Settings;
using QuickPay.Slo;

namespace QuickPay.Aws.Observe;

/// <summary>An alarm for each line of <see cref="ServiceLevels"/>, who hears it, and the picture to look at then.</summary>
internal sealed class ObserveStack : Stack
{
    private readonly EnvironmentSettings _settings;
    private readonly Dictionary<Severity, Topic> _topics;

    public ObserveStack(Construct scope, string id, EnvironmentSettings settings, Measures measures, IKey topicsKey, IStackProps props)
        : base(scope, id, props)
    {
        _settings = settings;
        _topics = Enum.GetValues<Severity>().ToDictionary(severity => severity, severity => AddTopic(severity, topicsKey));
        AddListeners();
        foreach (var level in ServiceLevels.All)
        {
            if (measures.Of(level.Indicator) is { } metric)
            {
                AddAlarm(level, metric);
            }
        }
        Board.Add(this, settings, measures);
    }

    private Topic AddTopic(Severity severity, IKey key)
    {
        var topic = new Topic(
            this,
            $"{severity}",
            new TopicProps
            {
                TopicName = $"quickpay-{_settings.Name}-{severity}".ToLowerInvariant(),
                MasterKey = key,
                EnforceSSL = true,
            }
        );
        topic.AddToResourcePolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "Alarms",
                    Principals = [new ServicePrincipal("cloudwatch.amazonaws.com")],
                    Actions = ["sns:Publish"],
                    Resources = [topic.TopicArn],
                    Conditions = new Dictionary<string, object>
                    {
                        ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = Account },
                    },
                }
            )
        );
        return topic;
    }

    private void AddListeners()
    {
        var mail = new CfnParameter(
            this,
            "AlarmMail",
            new CfnParameterProps { Description = "Who is told of every alarm", AllowedPattern = "^[^@\\s]+@[^@\\s]+$" }
        );
        var pager = new CfnParameter(
            this,
            "PagerUrl",
            new CfnParameterProps
            {
                Description = "Where critical alarms are posted to, https; empty: nowhere",
                AllowedPattern = "^(https://.+)?$",
                Default = "",
                NoEcho = true,
            }
        );
        var hasPager = new CfnCondition(
            this,
            "HasPager",
            new CfnConditionProps { Expression = Fn.ConditionNot(Fn.ConditionEquals(pager.ValueAsString, "")) }
        );
        foreach (var (severity, topic) in _topics)
        {
            AddListener($"{severity}Mail", topic, "email", mail);
        }
        AddListener("Pager", _topics[Severity.Critical], "https", pager).CfnOptions.Condition = hasPager;
    }

    private CfnSubscription AddListener(string id, Topic topic, string protocol, CfnParameter endpoint) =>
        new(
            this,
            id,
            new CfnSubscriptionProps
            {
                TopicArn = topic.TopicArn,
                Protocol = protocol,
                Endpoint = endpoint.ValueAsString,
            }
        );

    private void AddAlarm(ServiceLevel level, IMetric metric)
    {
        // A small installation has fewer servers than the promise wants.
        var threshold = level.Indicator == Indicator.ReadyServers ? Math.Min(level.Threshold, _settings.Service.Min) : level.Threshold;
        var alarm = new Alarm(
            this,
            level.Name,
            new AlarmProps
            {
                AlarmName = $"quickpay-{_settings.Name}-{level.Name}",
                AlarmDescription =
                    $"{level.Severity}: {level.Indicator} {level.Bad} {threshold.ToString(System.Globalization.CultureInfo.InvariantCulture)} for {level.Minutes} min ({level.Source})",
                Metric = metric,
                Threshold = threshold,
                EvaluationPeriods = level.Minutes,
                ComparisonOperator =
                    level.Bad == Side.Above ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
                // No requests are no errors; but servers of which nothing is heard are not ready.
                TreatMissingData = level.Indicator == Indicator.ReadyServers ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
            }
        );
        var action = new SnsAction(_topics[level.Severity]);
        alarm.AddAlarmAction(action);
        alarm.AddOkAction(action);
    }
}
