using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>An alarm that is raised before a deployment begins.</summary>
public sealed class RaisedAlarmTests : IDisposable
{
    private const string Errors = "quickpay-dev-errors-critical";
    private readonly SmallInstallation _installation = new();

    private PlayedAws Aws => _installation.Aws;

    public void Dispose() => _installation.Dispose();

    [Fact]
    public async Task Nothing_is_deployed_and_the_alarm_is_named()
    {
        await _installation.StandAsync();
        Aws.Change(state => state["alarms"]![Errors] = "ALARM");
        var before = Aws.State.ToJsonString();

        // The command ends with 2 at these.
        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync(version: "v2"));

        Assert.Contains($"Raised: {Errors}.", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("--despite-alarms", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(before, Aws.State.ToJsonString());
    }

    [Fact]
    public async Task The_repair_is_guarded_by_the_others_alone()
    {
        await _installation.StandAsync();
        Aws.Change(state => state["alarms"]![Errors] = "ALARM");

        await _installation.DeployAsync(version: "v2", despiteAlarms: true);

        Assert.Equal($"UPDATE {NameOf("Service")} guarded", Aws.Log[^1]);
        Assert.Equal("UPDATE_COMPLETE", _installation.StatusOf("Service"));
        Assert.DoesNotContain(Triggers(), trigger => trigger.EndsWith(Errors, StringComparison.Ordinal));
        Assert.Equal(2, Triggers().Count);
        Assert.Contains($"take nothing back: {Errors}", Aws.Said, StringComparison.Ordinal);
    }

    /// <summary>CloudFormation keeps the triggers of the time before unless it is told that there are none.</summary>
    [Fact]
    public async Task When_all_are_raised_none_of_an_earlier_deployment_takes_the_repair_back()
    {
        await _installation.StandAsync();
        await _installation.DeployAsync(version: "v2");
        foreach (var alarm in new[] { Errors, "quickpay-dev-response-time-critical", "quickpay-dev-ready-servers" })
        {
            Aws.Change(state => state["alarms"]![alarm] = "ALARM");
        }

        await _installation.DeployAsync(version: "v3", despiteAlarms: true);

        Assert.Equal("UPDATE_COMPLETE", _installation.StatusOf("Service"));
        Assert.Empty(Triggers());
    }

    [Fact]
    public async Task One_that_is_raised_while_other_stacks_are_made_stops_before_the_servers()
    {
        await _installation.StandAsync();
        _installation.Write("Network", extra: "Second");

        var stopped = await Assert.ThrowsAsync<LocalException>(() =>
            _installation.DeployAsync(_ =>
            {
                Aws.Change(state => state["alarms"]![Errors] = "ALARM");
                return Task.FromResult(_installation.Programs("v2"));
            })
        );

        Assert.Contains(Errors, stopped.Message, StringComparison.Ordinal);
        Assert.Equal([$"UPDATE {NameOf("Network")}"], Aws.Log.Skip(Names.Length));
        Assert.Equal("v1", (string)Aws.Stack(NameOf("Service"))["parameters"]!["ProgramVersion"]!);
    }

    [Fact]
    public async Task Servers_that_have_never_stood_are_made_whatever_the_alarms_say()
    {
        await _installation.StandAsync();
        Aws.Change(state => state["alarms"]!["quickpay-dev-ready-servers"] = "ALARM");
        _installation.Put("Service", "ROLLBACK_COMPLETE");

        await _installation.DeployAsync();

        Assert.Equal($"CREATE {NameOf("Service")}", Aws.Log[^1]);
    }

    private List<string> Triggers() => [.. Aws.Stack(NameOf("Service"))["triggers"]!.AsArray().Select(one => (string)one!)];
}
