using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>
/// What CloudFormation's role is refused where data is kept is lifted by a tag on it, for as long as something is deleted that an administrator has asked
/// to be, and no longer.
/// </summary>
public sealed class ReservedDeletionTests : IDisposable
{
    private const string Tag = "quickpay:may-delete";
    private readonly SmallInstallation _installation = new(isProtected: true);

    private PlayedAws Aws => _installation.Aws;

    private IEnumerable<string> Tags => Aws.State["tags"]!.AsObject().SelectMany(role => role.Value!.AsObject()).Select(tag => tag.Key);

    public void Dispose() => _installation.Dispose();

    /// <summary>Seen from the other side: with nothing lifted, a role says no to whoever has all rights.</summary>
    [Fact]
    public async Task It_is_there_while_all_is_deleted_and_gone_afterwards()
    {
        await _installation.StandAsync();

        await _installation.DestroyAsync();

        Assert.Equal(["iam tag-role", "iam untag-role"], Calls("iam"));
        Assert.True(Calls("").IndexOf("iam tag-role") < Calls("").IndexOf("cloudformation delete-stack"));
        Assert.Equal("iam untag-role", Calls("").Last(call => call is "iam untag-role" or "cloudformation delete-stack"));
    }

    [Fact]
    public async Task One_that_is_broken_off_leaves_no_role_that_may_delete()
    {
        await _installation.StandAsync();
        Aws.Fail("fail-delete", NameOf("Network"), once: false);

        await Assert.ThrowsAsync<AwsException>(_installation.DestroyAsync);

        Assert.Contains("quickpay-dev-cloudformation", Aws.State["roles"]!.AsArray().Select(role => (string?)role));
        Assert.Contains("iam tag-role", Calls("iam"));
        Assert.Empty(Tags);
    }

    [Fact]
    public async Task What_never_stood_is_cleared_away_with_it_and_the_next_stack_is_made_without()
    {
        Aws.Fail("fail", NameOf("Data"));
        await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync());
        Assert.DoesNotContain("iam tag-role", Calls("iam"));
        Aws.Fail("fail", NameOf("Service"));

        await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync());

        Assert.Equal("CREATE_COMPLETE", _installation.StatusOf("Data"));
        Assert.Equal(["iam tag-role", "iam untag-role"], Calls("iam"));
        Assert.Empty(Tags);
    }

    /// <summary>So whoever deploys, who may not lift anything, clears that away.</summary>
    [Fact]
    public async Task What_keeps_nothing_but_logs_is_cleared_away_without()
    {
        await _installation.StandAsync();
        _installation.Put("Service", "CREATE_FAILED");
        Aws.Deny("iam tag-role");

        await _installation.DeployAsync();

        Assert.Equal("CREATE_COMPLETE", _installation.StatusOf("Service"));
    }

    [Fact]
    public async Task A_tag_that_cannot_be_taken_away_is_told_with_what_takes_it_away()
    {
        await _installation.StandAsync();
        Aws.Deny("iam untag-role");
        Aws.Fail("fail-delete", NameOf("Network"), once: false);

        // What has ended it is not hidden by that.
        var failed = await Assert.ThrowsAsync<AwsException>(_installation.DestroyAsync);

        Assert.Contains("resource has a dependent object", failed.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"by hand: aws iam untag-role --role-name quickpay-dev-cloudformation --tag-keys {Tag}",
            Aws.Said,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Whoever_may_not_lift_it_is_told_that_it_takes_an_administrator_and_nothing_is_deleted()
    {
        await _installation.StandAsync();
        Aws.Deny("iam tag-role");

        var stopped = await Assert.ThrowsAsync<LocalException>(_installation.DestroyAsync);

        Assert.Contains("takes an administrator", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(Names.Length, Aws.Log.Count);
        // It is surely not there: whoever is refused that would be refused this too, and told to do by hand what need not be done.
        Assert.Equal(["iam tag-role"], Calls("iam"));
        Assert.DoesNotContain("by hand", Aws.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("may delete", Aws.Said, StringComparison.Ordinal);
    }

    /// <summary>A broken connection, or a command that was killed: it may be there.</summary>
    [Theory]
    [InlineData("Could not connect to the endpoint URL: \"https://iam.amazonaws.com/\"")]
    [InlineData("Read timeout on endpoint URL: \"https://iam.amazonaws.com/\"")]
    [InlineData("")]
    public async Task What_may_have_been_lifted_is_taken_away_again(string said)
    {
        await _installation.StandAsync();
        Aws.LoseAnswer("iam tag-role", said);

        await Assert.ThrowsAsync<AwsException>(_installation.DestroyAsync);

        Assert.Equal(["iam tag-role", "iam untag-role"], Calls("iam"));
        Assert.Empty(Tags);
        Assert.Equal(Names.Length, Aws.Log.Count);
    }

    private List<string> Calls(string service) =>
        [
            .. Aws
                .Calls.Where(call => call.StartsWith(service, StringComparison.Ordinal))
                .Where(call => service != "iam" || call.Contains("tag-role")),
        ];
}
