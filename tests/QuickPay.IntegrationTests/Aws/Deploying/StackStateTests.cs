using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>Stacks that something, or somebody, has left in another state than a good one.</summary>
public sealed class StackStateTests : IDisposable
{
    private readonly SmallInstallation _installation = new();

    private PlayedAws Aws => _installation.Aws;

    public void Dispose() => _installation.Dispose();

    /// <summary>All that CloudFormation has.</summary>
    [Theory]
    [InlineData("REVIEW_IN_PROGRESS", OnDeploy.Create, true)]
    [InlineData("CREATE_IN_PROGRESS", null, true)]
    [InlineData("CREATE_COMPLETE", OnDeploy.Update, true)]
    [InlineData("CREATE_FAILED", OnDeploy.UndoCreation, true)]
    [InlineData("ROLLBACK_IN_PROGRESS", null, true)]
    [InlineData("ROLLBACK_COMPLETE", OnDeploy.ClearAway, true)]
    [InlineData("ROLLBACK_FAILED", OnDeploy.ClearAway, true)]
    [InlineData("UPDATE_IN_PROGRESS", null, true)]
    [InlineData("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", null, true)]
    [InlineData("UPDATE_COMPLETE", OnDeploy.Update, true)]
    [InlineData("UPDATE_FAILED", OnDeploy.Stop, false)]
    [InlineData("UPDATE_ROLLBACK_IN_PROGRESS", null, true)]
    [InlineData("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", null, true)]
    [InlineData("UPDATE_ROLLBACK_COMPLETE", OnDeploy.Update, true)]
    [InlineData("UPDATE_ROLLBACK_FAILED", OnDeploy.ContinueRollback, false)]
    [InlineData("IMPORT_IN_PROGRESS", null, true)]
    [InlineData("IMPORT_COMPLETE", OnDeploy.Update, true)]
    [InlineData("IMPORT_ROLLBACK_IN_PROGRESS", null, true)]
    [InlineData("IMPORT_ROLLBACK_COMPLETE", OnDeploy.Update, true)]
    [InlineData("IMPORT_ROLLBACK_FAILED", OnDeploy.Stop, false)]
    [InlineData("DELETE_IN_PROGRESS", null, true)]
    [InlineData("DELETE_FAILED", OnDeploy.FinishDeleting, false)]
    [InlineData("DELETE_COMPLETE", OnDeploy.Create, true)]
    [InlineData("SOMETHING_NEW", OnDeploy.Stop, false)]
    internal void Every_state_is_decided_of_or_waited_for_and_where_a_person_is_needed_there_is_advice(
        string status,
        OnDeploy? expected,
        bool isByItself
    )
    {
        Assert.Equal(expected is null, StackStates.IsUnderWay(status));
        if (expected is not null)
        {
            Assert.Equal(expected, StackStates.Of(status).OnDeploy);
            Assert.Equal(isByItself, StackStates.Of(status).Advice.Length == 0);
        }
    }

    [Theory]
    [InlineData("ROLLBACK_COMPLETE", "would be deleted before")]
    [InlineData("ROLLBACK_FAILED", "would be deleted before")]
    [InlineData("CREATE_FAILED", "would be deleted before")]
    [InlineData("DELETE_FAILED", "would be deleted before")]
    [InlineData("REVIEW_IN_PROGRESS", null)]
    [InlineData("UPDATE_ROLLBACK_FAILED", "--continue-rollback")]
    [InlineData("UPDATE_FAILED", "rollback-stack --stack-name QuickPay-dev-Observe")]
    public async Task A_diff_says_so_and_leaves_it_as_it_is(string status, string? note)
    {
        await _installation.StandAsync();
        _installation.Put("Observe", status);
        var before = Aws.State.ToJsonString();

        var diff = (await _installation.DiffAsync())[^1];

        Assert.Equal(before, Aws.State.ToJsonString());
        Assert.Contains(note ?? "", diff.Note ?? "", StringComparison.Ordinal);
        Assert.Equal(note is null, diff.Note is null);
    }

    [Theory]
    [InlineData("ROLLBACK_COMPLETE", "DELETE CREATE")]
    [InlineData("ROLLBACK_FAILED", "DELETE CREATE")]
    [InlineData("CREATE_FAILED", "ROLLBACK DELETE CREATE")]
    [InlineData("DELETE_FAILED", "DELETE CREATE")]
    public async Task What_never_stood_or_is_half_gone_is_deleted_and_made_anew(string status, string expected)
    {
        await _installation.StandAsync();
        _installation.Put("Observe", status);

        await _installation.DeployAsync();

        Assert.Equal(expected.Split(' ').Select(done => $"{done} {NameOf("Observe")}"), Aws.Log.Skip(Names.Length));
        Assert.Equal("CREATE_COMPLETE", _installation.StatusOf("Observe"));
    }

    [Theory]
    [InlineData("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE")]
    [InlineData("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE")]
    [InlineData("ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE CREATE")]
    [InlineData("DELETE_IN_PROGRESS", "DELETE_COMPLETE", "CREATE")]
    public async Task What_is_under_way_is_waited_for(string status, string next, string expected)
    {
        await _installation.StandAsync();
        _installation.Put("Observe", status);
        Aws.Change(state => state["stacks"]![NameOf("Observe")]!["next"] = next);
        _installation.Write("Observe", extra: "Second");

        await _installation.DeployAsync();

        Assert.Equal(expected, string.Join(' ', Aws.Log.Skip(Names.Length).Select(line => line.Split(' ')[0])));
        Assert.Contains($"{NameOf("Observe")}: {status}", Aws.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_review_that_never_became_a_stack_becomes_one()
    {
        await _installation.StandAsync();
        Aws.Change(state =>
            state["stacks"]![NameOf("Observe")] = new System.Text.Json.Nodes.JsonObject
            {
                ["status"] = "REVIEW_IN_PROGRESS",
                ["region"] = "ap-northeast-2",
                ["parameters"] = new System.Text.Json.Nodes.JsonObject(),
                ["template"] = new System.Text.Json.Nodes.JsonObject { ["Resources"] = new System.Text.Json.Nodes.JsonObject() },
            }
        );

        await _installation.DeployAsync();

        Assert.Equal($"CREATE {NameOf("Observe")}", Aws.Log[^1]);
    }

    [Fact]
    public async Task A_way_back_that_failed_is_told_with_its_cause_and_gone_on_with_on_demand_leaving_nothing_out()
    {
        await FailBackAsync();

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync(version: "v2"));
        Assert.Contains("UPDATE_ROLLBACK_FAILED. First: It is not there", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("--continue-rollback", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(Names.Length, Aws.Log.Count);

        await _installation.DeployAsync(version: "v2", continuesRollback: true);
        Assert.Equal([$"CONTINUE {NameOf("Service")}", $"UPDATE {NameOf("Service")} guarded"], Aws.Log.Skip(Names.Length));
    }

    [Fact]
    public async Task A_way_back_that_fails_again_stops_there()
    {
        await FailBackAsync();
        Aws.Fail("fail-back", NameOf("Service"));

        var stopped = await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync(version: "v2", continuesRollback: true));

        Assert.Contains("UPDATE_ROLLBACK_FAILED. First: It is still not there", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_else_left_halfway_is_for_them_to_put_right()
    {
        await _installation.StandAsync();
        _installation.Put("Observe", "UPDATE_FAILED");

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync());

        Assert.Contains(
            "rollback-stack --stack-name QuickPay-dev-Observe --region ap-northeast-2",
            stopped.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("ROLLBACK_FAILED")]
    [InlineData("CREATE_FAILED")]
    [InlineData("DELETE_FAILED")]
    [InlineData("UPDATE_FAILED")]
    [InlineData("UPDATE_ROLLBACK_FAILED")]
    [InlineData("REVIEW_IN_PROGRESS")]
    public async Task Whatever_state_it_is_in_it_can_be_destroyed(string status)
    {
        await _installation.StandAsync();
        _installation.Put("Observe", status);

        await _installation.DestroyAsync();

        Assert.Empty(Aws.State["stacks"]!.AsObject());
    }

    private async Task FailBackAsync()
    {
        await _installation.StandAsync();
        _installation.Put("Service", "UPDATE_ROLLBACK_FAILED");
        Aws.Change(state =>
        {
            var events = state["stacks"]![NameOf("Service")]!["events"]!.AsArray();
            foreach (
                var (id, status, why) in new[]
                {
                    (NameOf("Service"), "UPDATE_IN_PROGRESS", ""),
                    ("Cause", "UPDATE_FAILED", "What made the way back necessary"),
                    (NameOf("Service"), "UPDATE_ROLLBACK_IN_PROGRESS", ""),
                    ("First", "UPDATE_FAILED", "It is not there"),
                    (NameOf("Service"), "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed"),
                }
            )
            {
                events.Insert(
                    0,
                    new System.Text.Json.Nodes.JsonObject
                    {
                        ["LogicalResourceId"] = id,
                        ["ResourceStatus"] = status,
                        ["ResourceStatusReason"] = why,
                    }
                );
            }
        });
    }
}
