namespace QuickPay.IntegrationTests.Aws;

/// <summary>The steps of the promotion that shut the first region out: only one that nobody reaches is gone on from unasked.</summary>
public sealed class FenceTests
{
    private const string Rules = """{"sg-1": [{"FromPort": 5432}]}""";

    private const string Answers = """
        def well(call, closed=False):
            return {
                "list_resource_record_sets": {"ResourceRecordSets": [
                    {"Name": "pay.example.com.", "Type": "A", "Failover": "SECONDARY", "HealthCheckId": "second"},
                    {"Name": "pay.example.com.", "Type": "A", "Failover": "PRIMARY", "HealthCheckId": "first"},
                ]},
                "describe_db_instances": {"DBInstances": [{"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]}]},
                "describe_security_groups": {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [] if closed else [{"FromPort": 5432}]}]},
            }.get(call)
        """;

    [Fact]
    public async Task Members_name_and_the_database_are_shut_and_who_is_connected_is_thrown_out()
    {
        var step = await FenceAsync("return well(call)");

        Assert.Equal(
            [
                "- route53 update_health_check {'HealthCheckId': 'first', 'Disabled': True, 'Inverted': True}",
                "ap-northeast-2 rds describe_db_instances {'DBInstanceIdentifier': 'quickpay-prod'}",
                "ap-northeast-2 ec2 describe_security_groups {'GroupIds': ['sg-1']}",
                "ap-northeast-2 ec2 revoke_security_group_ingress {'GroupId': 'sg-1', 'IpPermissions': [{'FromPort': 5432}]}",
                "ap-northeast-2 rds reboot_db_instance {'DBInstanceIdentifier': 'quickpay-prod'}",
            ],
            step.Calls[1..^1]
        );
        Assert.Equal(("done", "no"), (step.Text("Verdict"), step.Text("Open")));
        Assert.Equal("fenced by the health check first", step.Text("Name"));
        Assert.Equal("fenced", step.Text("Database"));
        // By which it can be opened again.
        Assert.Equal(Rules, step.Text("Rules"));
        Assert.Equal("1700000000", step.Text("At"));
        Assert.Contains("The second region becomes the first", step.Calls[^1], StringComparison.Ordinal);
        Assert.Contains(Rules, step.Calls[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConnectTimeoutError")]
    [InlineData("EndpointConnectionError")]
    public async Task A_region_that_nobody_reaches_is_lost_and_members_name_is_shut_all_the_same(string error)
    {
        var step = await FenceAsync($"if call == 'describe_db_instances': raise {error}('nobody')", "return well(call)");

        Assert.Equal(("lost", "yes"), (step.Text("Verdict"), step.Text("Open")));
        Assert.Equal("fenced by the health check first", step.Text("Name"));
        Assert.StartsWith("NOT DONE: ", step.Text("Database"), StringComparison.Ordinal);
        // Once is no proof, and members are waiting.
        Assert.Equal(3, step.Count("describe_db_instances"));
        Assert.InRange(step.Seconds, 0, 60);
        Assert.Contains("What is NOT DONE", step.Calls[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("describe_db_instances", "refused('AccessDenied')")]
    [InlineData("describe_security_groups", "refused('RequestLimitExceeded')")]
    [InlineData("revoke_security_group_ingress", "refused('UnauthorizedOperation')")]
    [InlineData("reboot_db_instance", "refused('InvalidDBInstanceState')")]
    // It took the connection, so somebody is there.
    [InlineData("describe_db_instances", "raise ReadTimeoutError('slow')")]
    // It was there a moment ago.
    [InlineData("reboot_db_instance", "raise ConnectTimeoutError('nobody')")]
    [InlineData("describe_db_instances", "raise KeyError('our own fault')")]
    public async Task A_region_that_refuses_may_be_alive_so_a_person_is_asked_after_some_minutes(string fails, string how)
    {
        var step = await FenceAsync($"if call == '{fails}': {how}", "return well(call)");

        Assert.Equal(("ask", "yes"), (step.Text("Verdict"), step.Text("Open")));
        Assert.StartsWith("NOT DONE: ", step.Text("Database"), StringComparison.Ordinal);
        Assert.True(step.Count(fails) > 20);
        Assert.InRange(step.Seconds, 240, 420);
        Assert.Contains("may be alive and is NOT shut out", step.Calls[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_for_a_moment_is_tried_again()
    {
        var step = await FenceAsync(
            "if call == 'reboot_db_instance' and number < 4: refused('InvalidDBInstanceState')",
            "return well(call)"
        );

        Assert.Equal("done", step.Text("Verdict"));
        Assert.Equal(4, step.Count("reboot_db_instance"));
        Assert.Equal(Rules, step.Text("Rules"));
    }

    [Fact]
    public async Task A_way_in_that_an_unanswered_try_has_taken_away_is_no_reason_to_leave_who_is_connected()
    {
        var step = await FenceAsync(
            "if call == 'revoke_security_group_ingress': refused('InvalidPermission.NotFound')",
            "return well(call)"
        );

        Assert.Equal("done", step.Text("Verdict"));
        Assert.Equal(1, step.Count("reboot_db_instance"));
        Assert.Equal(Rules, step.Text("Rules"));
    }

    [Fact]
    public async Task What_rules_there_were_is_said_whatever_comes_after()
    {
        var step = await FenceAsync(
            "if call == 'revoke_security_group_ingress': raise ReadTimeoutError('slow')",
            "if call == 'reboot_db_instance' and number < 2: refused('InvalidDBInstanceState')",
            "return well(call, closed=any(' revoke_' in one for one in calls))"
        );

        Assert.Equal("done", step.Text("Verdict"));
        Assert.Equal(Rules, step.Text("Rules"));
        Assert.Contains($"let in were {Rules}", step.Log);
    }

    [Fact]
    public async Task A_name_that_cannot_be_shut_keeps_no_closed_database_waiting()
    {
        var step = await FenceAsync("if call == 'update_health_check': refused('AccessDenied')", "return well(call)");

        Assert.Equal(("done", "yes"), (step.Text("Verdict"), step.Text("Open")));
        Assert.StartsWith("NOT DONE: ", step.Text("Name"), StringComparison.Ordinal);
        Assert.Equal(1, step.Count("reboot_db_instance"));
        Assert.InRange(step.Seconds, 0, 60);
    }

    /// <summary>Members would be led back to a database that takes writes as soon as it is well.</summary>
    [Fact]
    public async Task A_lost_region_to_which_members_name_leads_is_asked_about()
    {
        var step = await FenceAsync(
            "if call == 'update_health_check': refused('Throttling')",
            "if call == 'describe_db_instances': raise ConnectTimeoutError('nobody')",
            "return well(call)"
        );

        Assert.Equal("ask", step.Text("Verdict"));
    }

    [Fact]
    public async Task A_topic_that_takes_nothing_does_not_stop_it()
    {
        var step = await FenceAsync("if call == 'publish': refused('AuthorizationError')", "return well(call)");

        Assert.Equal("done", step.Text("Verdict"));
        Assert.StartsWith("NOT TOLD: ", step.Text("Told"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Afterwards_nothing_is_done_twice()
    {
        var step = await AgainAsync("no", "done", "return well(call)");

        Assert.Empty(step.Calls);
        Assert.Equal("before", step.Text("Database"));
    }

    [Fact]
    public async Task Afterwards_a_region_that_has_come_back_is_shut_out()
    {
        var step = await AgainAsync(
            "yes",
            "lost",
            "if call == 'describe_db_instances' and number < 5: raise ConnectTimeoutError('nobody')",
            "return well(call)"
        );

        Assert.Equal("fenced", step.Text("Database"));
        Assert.Contains("The first region is shut out now", step.Calls[^1], StringComparison.Ordinal);
        Assert.Contains(Rules, step.Calls[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Afterwards_one_that_stays_open_is_a_failure_that_is_told()
    {
        var step = await AgainAsync(
            "yes",
            "lost",
            "if call == 'describe_db_instances': raise ConnectTimeoutError('nobody')",
            "return well(call)"
        );

        Assert.Contains("the first region is not shut out", step.Failed, StringComparison.Ordinal);
        Assert.Contains("is NOT shut out: close its database by hand", step.Calls[^1], StringComparison.Ordinal);
        Assert.InRange(step.Seconds, 360, 480);
    }

    [Fact]
    public async Task Afterwards_a_database_that_was_closed_is_not_restarted_for_the_name_s_sake()
    {
        var step = await AgainAsync("yes", "done", "return well(call)");

        Assert.Equal(0, step.Count("reboot_db_instance"));
        Assert.Equal("fenced by the health check first", step.Text("Name"));
    }

    private static Task<PlayedStep> FenceAsync(params string[] answers) => RunAsync("fence", "", answers);

    private static Task<PlayedStep> AgainAsync(string open, string verdict, params string[] answers) =>
        RunAsync("fence_again", $", 'Open': '{open}', 'Verdict': '{verdict}'", answers);

    private static Task<PlayedStep> RunAsync(string handler, string more, string[] answers) =>
        PlayedStep.RunAsync(
            "fence.py",
            handler,
            "{'Domain': 'Pay.example.com', 'Zone': 'Z1', 'FirstRegion': 'ap-northeast-2', 'FirstDatabase': 'quickpay-prod', 'Topic': 'arn:topic'"
                + more
                + "}",
            $"{Answers}\ndef answers(call, number, arguments):\n    {string.Join("\n    ", answers)}\n"
        );
}
