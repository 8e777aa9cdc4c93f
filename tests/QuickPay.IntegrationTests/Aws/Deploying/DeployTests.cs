using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>An installation is made and changed, and looked at before it is.</summary>
public sealed class DeployTests : IDisposable
{
    private readonly SmallInstallation _installation = new();

    private PlayedAws Aws => _installation.Aws;

    public void Dispose() => _installation.Dispose();

    [Fact]
    public async Task Stacks_are_made_in_their_order_with_what_they_ask_for_and_a_second_time_nothing_is_done()
    {
        await _installation.DeployAsync();

        Assert.Equal(Names.Select(name => $"CREATE {NameOf(name)}"), Aws.Log);
        Assert.Equal("pay.example.com", ParameterOf("Service", "Domain"));
        Assert.Equal("v1", ParameterOf("Service", "ProgramVersion"));
        // It is too long to be sent, and lies where its own region does not have to be.
        Assert.Contains(
            Aws.State["objects"]!.AsObject(),
            one => one.Key.EndsWith("/QuickPay-dev-Edge.template.json", StringComparison.Ordinal)
        );
        Assert.NotNull(Aws.State["objects"]!["programs-bucket/programs/v1.tar.gz"]);
        Assert.NotNull(Aws.State["objects"]!["programs-bucket/programs/v1.functions.zip"]);

        // What was given once is kept.
        await _installation.DeployAsync([]);
        Assert.Equal(Names.Length, Aws.Log.Count);
    }

    [Fact]
    public async Task A_new_version_touches_what_it_is_told_to_and_alarms_take_it_back()
    {
        await _installation.StandAsync();

        await _installation.DeployAsync([], version: "v2");

        Assert.Equal($"UPDATE {NameOf("Service")} guarded", Assert.Single(Aws.Log.Skip(Names.Length)));
        Assert.Equal("pay.example.com", ParameterOf("Service", "Domain"));
    }

    [Fact]
    public async Task What_fails_is_told_by_its_first_cause_and_the_next_deployment_begins_there()
    {
        Aws.Fail("fail", NameOf("Service"));
        var failed = await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync());
        Assert.Contains("CREATE_FAILED. First: You have exceeded your quota", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(NameOf("Observe"), Aws.Log.Select(line => line.Split(' ')[1]));

        await _installation.DeployAsync();

        Assert.Equal(
            [$"ROLLBACK {NameOf("Service")}", $"DELETE {NameOf("Service")}", $"CREATE {NameOf("Service")}", $"CREATE {NameOf("Observe")}"],
            Aws.Log.Skip(7)
        );
    }

    [Fact]
    public async Task A_parameter_that_the_template_did_not_have_before_gets_what_the_template_says()
    {
        await _installation.StandAsync();
        _installation.Write("Service", extra: "Second");

        await _installation.DeployAsync([]);

        Assert.Equal(("yes", "pay.example.com"), (ParameterOf("Service", "Approval"), ParameterOf("Service", "Domain")));
    }

    [Fact]
    public async Task What_failed_in_an_earlier_deployment_is_not_told_as_the_cause_of_this_one()
    {
        await _installation.StandAsync();
        Aws.Change(state => state["stacks"]![NameOf("Service")]!["events"]!.AsArray().Add(OldFailure()));
        Aws.Fail("fail", NameOf("Service"));

        var failed = await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync(version: "v2"));

        Assert.Contains("UPDATE_ROLLBACK_COMPLETE. First: You have exceeded your quota", failed.Message, StringComparison.Ordinal);

        static System.Text.Json.Nodes.JsonObject OldFailure() =>
            new()
            {
                ["LogicalResourceId"] = "Old",
                ["ResourceStatus"] = "CREATE_FAILED",
                ["ResourceStatusReason"] = "Long ago",
            };
    }

    [Fact]
    public async Task Without_what_it_must_be_told_a_first_deployment_says_what_is_missing()
    {
        var failed = await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync([]));

        Assert.Contains("[Domain] must have values", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_that_cannot_be_built_are_not_handed_over()
    {
        await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync(_ => throw new LocalException("No certificate")));

        Assert.DoesNotContain("s3api put-object", Aws.Calls);
        Assert.Equal([$"CREATE {NameOf("Foundation")}", $"CREATE {NameOf("Deployers")}"], Aws.Log);
    }

    [Fact]
    public async Task A_diff_tells_what_would_change_and_changes_nothing()
    {
        await _installation.StandAsync();
        _installation.Write("Observe", extra: "Second");
        // Of a deployment that is under way.
        Aws.Change(state =>
            state["stacks"]![NameOf("Observe")]!["sets"]!["quickpay-deploy"] = new System.Text.Json.Nodes.JsonObject { ["looked"] = 2 }
        );
        var before = Aws.State.ToJsonString();

        var diff = await _installation.DiffAsync();

        var change = Assert.Single(diff.SelectMany(one => one.Changes));
        Assert.Equal(("Add", "Second"), (change.Action, change.Resource));
        Assert.Equal(before, Aws.State.ToJsonString());
    }

    [Fact]
    public async Task Of_outputs_alone_a_change_set_lists_nothing_and_is_executed_since_later_stacks_take_them()
    {
        await _installation.StandAsync();
        _installation.Write("Network", exports: "QuickPay-dev-Network:New");

        var diff = (await _installation.DiffAsync()).Single(one => one.Stack.Name == NameOf("Network"));
        _installation.Write("Observe", imports: "QuickPay-dev-Network:New");
        await _installation.DeployAsync();

        Assert.Empty(diff.Changes);
        Assert.Contains("outputs", diff.Note ?? "", StringComparison.Ordinal);
        Assert.Equal([$"UPDATE {NameOf("Network")}", $"UPDATE {NameOf("Observe")}"], Aws.Log.Skip(Names.Length));
    }

    [Fact]
    public async Task A_diff_that_is_refused_leaves_no_change_set_behind()
    {
        await _installation.StandAsync();
        var before = Aws.State.ToJsonString();
        File.WriteAllText(Aws.At("fail-look"), "");

        await Assert.ThrowsAsync<AwsException>(_installation.DiffAsync);

        Assert.Equal(before, Aws.State.ToJsonString());
    }

    private string ParameterOf(string name, string parameter) => (string)Aws.Stack(NameOf(name))["parameters"]![parameter]!;
}
