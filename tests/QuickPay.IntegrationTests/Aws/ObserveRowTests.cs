using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>E1 and E2: dashboards and alarms.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class ObserveRowTests(AwsTemplates templates)
{
    private readonly Rows _rows = new(templates.Prod);

    /// <summary>The case study's lines, and those on the promise itself.</summary>
    [Theory]
    [InlineData("database-processor-critical", 80, "critical")]
    [InlineData("response-time-critical", 500, "critical")]
    [InlineData("errors-critical", 1, "critical")]
    [InlineData("database-processor-warning", 70, "warning")]
    [InlineData("response-time-warning", 300, "warning")]
    [InlineData("errors-warning", 0.5, "warning")]
    [InlineData("response-time-promise", 200, "warning")]
    [InlineData("errors-promise", 0.01, "warning")]
    public void E2_somebody_is_told_when_a_line_is_crossed(string name, double threshold, string topic)
    {
        var alarm = Assert.Single(_rows.All("AWS::CloudWatch::Alarm"), one => _rows.Text(one, "AlarmName") == $"quickpay-prod-{name}");

        Assert.Equal(threshold, alarm["Threshold"].GetDouble());
        Assert.Equal("GreaterThanThreshold", _rows.Text(alarm, "ComparisonOperator"));
        var told = Assert.Single(alarm["AlarmActions"].Items());
        Assert.Equal(
            $"quickpay-prod-{topic}",
            templates.Prod.Templates.Find(alarm.Stack, told) is { } found ? _rows.Text(found, "TopicName") : ""
        );
    }

    /// <summary>Whether the second region could take over: no member notices before the day it has to. Nothing heard is as bad as a bad figure.</summary>
    [Theory]
    [InlineData("replica-lag", "ReplicaLag", 30)]
    [InlineData("database-room", "FreeStorageSpace", 20)]
    [InlineData("cache-memory", "DatabaseMemoryUsagePercentage", 75)]
    [InlineData("ready-servers", "HealthyHostCount", 2)]
    public void E2_and_F3_somebody_is_told_when_the_second_region_is_not_ready(string name, string metric, double threshold)
    {
        var there = new Rows(templates.Prod, elsewhere: true);
        var alarm = Assert.Single(
            there.All("AWS::CloudWatch::Alarm"),
            one => there.Text(one, "AlarmName") == $"quickpay-prod-elsewhere-{name}"
        );

        Assert.Equal(threshold, alarm["Threshold"].GetDouble());
        Assert.Equal("breaching", there.Text(alarm, "TreatMissingData"));
        Assert.Contains($"\"{metric}\"", alarm.Whole.GetRawText(), StringComparison.Ordinal);
        var told = Assert.Single(alarm["AlarmActions"].Items());
        Assert.Equal(
            "Automation-quickpay-prod",
            templates.Prod.Templates.Find(alarm.Stack, told) is { } found ? there.Text(found, "TopicName") : ""
        );
    }

    [Fact]
    public void E2_what_is_critical_goes_to_people_and_to_a_pager()
    {
        var ways = _rows
            .All("AWS::SNS::Subscription")
            .Where(subscription => _rows.Text(_rows.Behind(subscription, "TopicArn"), "TopicName") == "quickpay-prod-critical")
            .Select(subscription => _rows.Text(subscription, "Protocol"));

        Assert.Equal(["email", "https"], ways.Order(StringComparer.Ordinal));
    }

    /// <summary>EventBridge says neither account nor rule: what asks for one refuses all of its messages. CloudWatch says which alarm.</summary>
    [Fact]
    public void E2_messages_of_rules_and_alarms_get_through_to_every_topic()
    {
        var topics = templates.Prod.OfType("AWS::SNS::Topic").ToList();

        Assert.Equal(3, topics.Count);
        Assert.All(
            topics,
            topic =>
            {
                var policy = templates
                    .Prod.OfType("AWS::SNS::TopicPolicy")
                    .Single(one => templates.Prod.Templates.Find(one.Stack, one["Topics"][0]) == topic);
                var region = topic.Stack.Contains("Recovery", StringComparison.Ordinal) ? "ap-southeast-1" : "ap-northeast-2";
                foreach (var of in new[] { policy, _rows.Behind(topic, "KmsMasterKeyId") })
                {
                    Assert.False(Said(of, "events.amazonaws.com").Single().Condition.IsThere());
                    Assert.Equal(
                        $"arn:aws:cloudwatch:{region}:{{AWS::AccountId}}:alarm:*",
                        templates.Prod.Text(of, Said(of, "cloudwatch.amazonaws.com").Single().Condition.At("ArnLike", "aws:SourceArn"))
                    );
                }
            }
        );

        static IEnumerable<Statement> Said(Resource of, string service) =>
            Statement.In(of).Where(statement => statement.Principal.At("Service").Is(service));
    }

    [Fact]
    public void E2_somebody_is_told_of_a_backup_that_did_not_come_about()
    {
        var rule = _rows.One("AWS::Events::Rule", "FailedBackups");

        Assert.Equal(["aws.backup"], Rows.Texts(rule["EventPattern", "source"]));
        Assert.Equal(["Backup Job State Change", "Copy Job State Change"], Rows.Texts(rule["EventPattern", "detail-type"]));
        Assert.Equal(["FAILED", "ABORTED", "EXPIRED"], Rows.Texts(rule["EventPattern", "detail", "state"]));
        Assert.Equal(
            "quickpay-prod-warning",
            _rows.Text(templates.Prod.Templates.Find(rule.Stack, Assert.Single(rule["Targets"].Items()).At("Arn"))!, "TopicName")
        );
    }

    [Theory]
    [InlineData("CPUUtilization")]
    [InlineData("TargetResponseTime")]
    [InlineData("RequestCount")]
    [InlineData("HTTPCode_Target_5XX_Count")]
    [InlineData("ReplicaLag")]
    [InlineData("CacheHits")]
    [InlineData("FreeableMemory")]
    [InlineData("ReadIOPS")]
    public void E1_the_dashboard_shows(string metric) =>
        Assert.Contains($"\"{metric}\"", _rows.Text(_rows.One("AWS::CloudWatch::Dashboard"), "DashboardBody"), StringComparison.Ordinal);
}
