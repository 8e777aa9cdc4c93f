namespace QuickPay.IntegrationTests.Aws;

/// <summary>The steps of the promotion that ask how far the replica was behind, and wait for what is on its way.</summary>
public sealed class CatchUpTests
{
    [Theory]
    [InlineData("no", "[4.0, 90.0]", "no", "4 s")]
    [InlineData("no", "[60.0]", "no", "60 s")]
    [InlineData("no", "[61.0, 1.0]", "yes", "61 s")]
    [InlineData("yes", "[4.0]", "yes", "4 s")]
    // Nothing is known, or it follows nobody.
    [InlineData("no", "[]", "yes", "NOT KNOWN")]
    [InlineData("no", "[-1.0, 2.0]", "yes", "NOT KNOWN")]
    public async Task A_replica_that_was_far_behind_is_promoted_by_nobody_unasked(string approval, string lags, string asks, string said)
    {
        var step = await LookAsync(approval, $"return {{'MetricDataResults': [{{'Values': {lags}}}]}}");

        Assert.Equal((asks, said), (step.Text("Ask"), step.Text("Lag")));
        // What was before the loss: now the lag grows by a second each second.
        Assert.Contains("datetime.datetime(2023, 11, 14, 22, 8, 20", step.Calls[0], StringComparison.Ordinal);
        Assert.Contains("'Value': 'quickpay-prod-elsewhere'", step.Calls[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lag_that_cannot_be_read_is_a_question()
    {
        var step = await LookAsync("no", "refused('Throttling')");

        Assert.Equal(("yes", "NOT KNOWN"), (step.Text("Ask"), step.Text("Lag")));
    }

    [Theory]
    // The last commit that came over is younger than the shutting out.
    [InlineData("(60, 20.0)")]
    [InlineData("(30, 0.0)")]
    [InlineData("(30, 30.0), (-60, 5.0)")]
    public async Task What_was_committed_before_the_first_region_was_shut_out_has_come_over(string points)
    {
        var step = await CatchUpAsync(points);

        Assert.Equal("yes", step.Text("IsOver"));
        Assert.Equal(0, step.Seconds);
        Assert.Contains("All that the first region had committed", step.Calls[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(60, 70.0)", "The last lag was 70 s", "the 10 s before")]
    // Nothing is said of now by what was before.
    [InlineData("(-30, 0.0)", "The last lag was 0 s", "the 30 s before")]
    [InlineData("(60, -1.0)", "Nothing was heard", "lag")]
    [InlineData("", "Nothing was heard", "lag")]
    public async Task What_is_not_seen_to_come_is_waited_for_three_minutes_and_said(string points, string said, string open)
    {
        var step = await CatchUpAsync(points);

        Assert.Equal("no", step.Text("IsOver"));
        Assert.InRange(step.Seconds, 180, 200);
        Assert.Contains(said, step.Calls[^1], StringComparison.Ordinal);
        Assert.Contains(open, step.Calls[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_gone_on_as_soon_as_it_is_there()
    {
        var step = await CatchUpAsync("(60, 70.0 if number < 4 else 3.0)");

        Assert.Equal(("yes", 30), (step.Text("IsOver"), step.Seconds));
    }

    private static Task<PlayedStep> LookAsync(string approval, string answer) =>
        PlayedStep.RunAsync(
            "look.py",
            "look",
            $"{{'Approval': '{approval}', 'Replica': 'quickpay-prod-elsewhere', 'MostSeconds': '60'}}",
            $"def answers(call, number, arguments):\n    {answer}\n"
        );

    /// <param name="points">Seconds since the fence, and lag.</param>
    private static Task<PlayedStep> CatchUpAsync(string points) =>
        PlayedStep.RunAsync(
            "catch-up.py",
            "catch_up",
            "{'FencedAt': '1700000000', 'Replica': 'quickpay-prod-elsewhere', 'Topic': 'arn:topic'}",
            $$"""
            import datetime
            def answers(call, number, arguments):
                points = [{{points}}]
                at = [datetime.datetime.fromtimestamp(1_700_000_000 + second, datetime.timezone.utc) for second, _ in points]
                return {"MetricDataResults": [{"Timestamps": at, "Values": [lag for _, lag in points]}]}
            """
        );
}
