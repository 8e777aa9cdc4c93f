namespace QuickPay.IntegrationTests.Aws;

/// <summary>The step of the promotion that tells the replica, which RDS refuses while it is backed up.</summary>
public sealed class PromoteTests
{
    [Fact]
    public async Task It_is_told_with_as_many_days_of_backups_as_the_first_had()
    {
        var step = await RunAsync("pass");

        Assert.Equal("told", step.Text("Said"));
        Assert.EndsWith(
            "promote_read_replica {'DBInstanceIdentifier': 'quickpay-prod-elsewhere', 'BackupRetentionPeriod': 7}",
            step.Calls[^1],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("refused('InvalidDBInstanceState')")]
    [InlineData("refused('Throttling')")]
    [InlineData("raise ReadTimeoutError('slow')")]
    public async Task What_is_refused_during_a_backup_is_told_again(string how)
    {
        var step = await RunAsync($"if call == 'promote_read_replica' and number < 9: {how}");

        Assert.Equal("told", step.Text("Said"));
        Assert.Equal(9, step.Count("promote_read_replica"));
    }

    [Fact]
    public async Task A_backup_that_takes_longer_than_a_step_fails_it_in_time_to_be_repeated()
    {
        var step = await RunAsync("if call == 'promote_read_replica': refused('InvalidDBInstanceState')");

        Assert.Contains("InvalidDBInstanceState", step.Failed, StringComparison.Ordinal);
        Assert.InRange(step.Seconds, 420, 540);
    }

    [Fact]
    public async Task What_no_waiting_mends_is_said_at_once()
    {
        var step = await RunAsync("if call == 'promote_read_replica': refused('AccessDenied')");

        Assert.Contains("AccessDenied", step.Failed, StringComparison.Ordinal);
        Assert.Equal(0, step.Seconds);
    }

    [Fact]
    public async Task A_try_that_got_through_unanswered_is_not_repeated()
    {
        var step = await RunAsync(
            "if call == 'promote_read_replica': raise ReadTimeoutError('slow')",
            "if call == 'describe_db_instances' and number > 1: return {'DBInstances': [{}]}"
        );

        Assert.Equal("is nobody's replica", step.Text("Said"));
        Assert.Equal(1, step.Count("promote_read_replica"));
    }

    private static Task<PlayedStep> RunAsync(params string[] answers) =>
        PlayedStep.RunAsync(
            "promote.py",
            "promote",
            "{'Replica': 'quickpay-prod-elsewhere', 'BackupDays': '7'}",
            $$"""
            def answers(call, number, arguments):
                {{string.Join("\n    ", answers)}}
                return {"DBInstances": [{"ReadReplicaSourceDBInstanceIdentifier": "arn:first"}]}
            """
        );
}
