namespace QuickPay.IntegrationTests.Aws;

/// <summary>The step of the promotion that looks once more before the first region is shut out: a question may be hours old.</summary>
public sealed class CheckTests
{
    [Theory]
    [InlineData("lost")]
    [InlineData("silent")]
    public async Task It_goes_on_while_the_alarm_is_raised(string alarm)
    {
        var step = await RunAsync(alarm, "no", "{'MetricAlarms': [{'StateValue': 'ALARM'}]}");

        Assert.Equal("yes", step.Text("Go"));
        Assert.Equal($"us-east-1 cloudwatch describe_alarms {{'AlarmNames': ['quickpay-prod-region-{alarm}']}}", step.Calls[1]);
    }

    [Theory]
    [InlineData("{'MetricAlarms': [{'StateValue': 'OK'}]}", "quickpay-prod-region-lost is OK")]
    [InlineData("{'MetricAlarms': [{'StateValue': 'INSUFFICIENT_DATA'}]}", "is INSUFFICIENT_DATA")]
    [InlineData("{'MetricAlarms': []}", "is not there")]
    public async Task A_region_that_is_back_is_not_shut_out_also_when_somebody_said_so_before(string answer, string said)
    {
        var step = await RunAsync("lost", "yes", answer);

        Assert.Contains(said, step.Failed, StringComparison.Ordinal);
        Assert.Contains("Nothing was shut out", step.Failed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no", "ask")]
    [InlineData("yes", "yes")]
    public async Task An_alarm_that_cannot_be_read_takes_a_person_s_word(string worded, string go)
    {
        var step = await RunAsync("lost", worded, "unreachable()");

        Assert.Equal(go, step.Text("Go"));
        Assert.Contains("quickpay-prod-region-lost cannot be read", step.Text("Alarm"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("lost")]
    public async Task What_was_promoted_already_ends_it(string alarm)
    {
        var step = await RunAsync(alarm, "yes", "{'MetricAlarms': [{'StateValue': 'ALARM'}]}", "{}");

        Assert.Contains("quickpay-prod-elsewhere is nobody's replica any more", step.Failed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Started_by_hand_it_asks_no_alarm()
    {
        var step = await RunAsync("none", "yes", "{'MetricAlarms': [{'StateValue': 'OK'}]}");

        Assert.Equal("yes", step.Text("Go"));
        Assert.Single(step.Calls);
    }

    private static Task<PlayedStep> RunAsync(
        string alarm,
        string worded,
        string alarms,
        string replica = "{'ReadReplicaSourceDBInstanceIdentifier': 'arn:first'}"
    ) =>
        PlayedStep.RunAsync(
            "check.py",
            "check",
            $"{{'Alarm': '{alarm}', 'Worded': '{worded}', 'Replica': 'quickpay-prod-elsewhere', 'Watch': 'us-east-1', 'Prefix': 'quickpay-prod-region'}}",
            $$"""
            def unreachable():
                raise ConnectTimeoutError("nobody")
            def answers(call, number, arguments):
                return {{alarms}} if call == "describe_alarms" else {"DBInstances": [{{replica}}]}
            """
        );
}
