using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using Constructs;
using QuickPay.Aws.Audit;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Functions;
using QuickPay.Aws.Settings;
using QuickPay.Slo;
using CfnRule = Amazon.CDK.AWS.Events.CfnRule;
using CfnRuleProps = Amazon.CDK.AWS.Events.CfnRuleProps;

namespace QuickPay.Aws.Observe;

/// <summary>An alarm for each line of <see cref="ServiceLevels"/>, who hears it, and the picture to look at then.</summary>
internal sealed class ObserveStack : Stack
{
    private readonly EnvironmentSettings _settings;
    private readonly Dictionary<Severity, Topic> _topics;

    public ObserveStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        Measures measures,
        IReadOnlyList<CopiedBucket> copied,
        IKey topicsKey,
        IStackProps props
    )
        : base(scope, id, props)
    {
        _settings = settings;
        _topics = Enum.GetValues<Severity>()
            .ToDictionary(
                severity => severity,
                severity =>
                    AlarmTopic.Add(
                        this,
                        $"{severity}",
                        $"quickpay-{settings.Name}-{severity}".ToLowerInvariant(),
                        topicsKey,
                        ServiceKey.Alarms,
                        ServiceKey.Events
                    )
            );
        AddListeners();
        foreach (var level in ServiceLevels.All)
        {
            if (measures.Of(level.Indicator) is { } metric)
            {
                // No requests are no errors; but servers of which nothing is heard are not ready.
                var missing = level.Indicator == Indicator.ReadyServers ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING;
                LevelAlarm.Add(this, settings, level, metric, missing, _topics[level.Severity]);
            }
        }
        if (settings.Recovery is not null)
        {
            AddNobodyReady(measures);
        }
        AddFailedBackups();
        foreach (var bucket in copied)
        {
            FailedCopies.Add(this, settings, bucket, _topics[Severity.Warning]);
        }
        foreach (var function in Function.Daily)
        {
            FailedFunctions.Add(this, settings, function, _topics[Severity.Warning]);
        }
        Board.Add(this, settings, measures);
    }

    /// <summary>What Route 53 reads to know from outside whether anybody serves; its name, as it is asked for from another region.</summary>
    public static string NobodyReadyOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}-nobody-ready";

    private void AddListeners()
    {
        var mail = AlarmTopic.AskForMail(this);
        foreach (var (severity, topic) in _topics)
        {
            topic.Tell(this, $"{severity}Mail", "email", mail);
        }
        _topics[Severity.Critical].TellPager(this);
    }

    private void AddNobodyReady(Measures measures) =>
        _ = new Alarm(
            this,
            "nobody-ready",
            new AlarmProps
            {
                AlarmName = NobodyReadyOf(_settings),
                AlarmDescription = "No API server is ready; people are told by ready-servers, this one is for the watch from outside",
                Metric = measures.MostReadyServers,
                Threshold = 1,
                EvaluationPeriods = 1,
                ComparisonOperator = ComparisonOperator.LESS_THAN_THRESHOLD,
                TreatMissingData = TreatMissingData.BREACHING,
            }
        );

    /// <summary>Of the whole account: whose backup it was that did not come about is in the message.</summary>
    private void AddFailedBackups() =>
        _ = new CfnRule(
            this,
            "FailedBackups",
            new CfnRuleProps
            {
                Description = "A snapshot was not made, or not copied to the second region",
                EventPattern = new Dictionary<string, object>
                {
                    ["source"] = new[] { "aws.backup" },
                    ["detail-type"] = new[] { "Backup Job State Change", "Copy Job State Change" },
                    ["detail"] = new Dictionary<string, object> { ["state"] = new[] { "FAILED", "ABORTED", "EXPIRED" } },
                },
                Targets = new[]
                {
                    new CfnRule.TargetProperty { Id = "tell", Arn = _topics[Severity.Warning].TopicArn },
                },
            }
        );
}
