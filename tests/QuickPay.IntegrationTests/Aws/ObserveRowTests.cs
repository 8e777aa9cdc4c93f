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

    [Fact]
    public void E2_what_is_critical_goes_to_people_and_to_a_pager()
    {
        var ways = _rows
            .All("AWS::SNS::Subscription")
            .Where(subscription => _rows.Text(_rows.Behind(subscription, "TopicArn"), "TopicName") == "quickpay-prod-critical")
            .Select(subscription => _rows.Text(subscription, "Protocol"));

        Assert.Equal(["email", "https"], ways.Order(StringComparer.Ordinal));
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
