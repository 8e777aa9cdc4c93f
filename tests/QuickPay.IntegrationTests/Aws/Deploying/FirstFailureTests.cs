using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>A stack with databases whose first deployment fails: nothing of it was ever in use, and nothing of it may be in the way of the second.</summary>
public sealed class FirstFailureTests : IDisposable
{
    private const string Database = "quickpay-dev-data-database";
    private readonly SmallInstallation _installation = new(isProtected: true);

    private PlayedAws Aws => _installation.Aws;

    public void Dispose() => _installation.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_stands_to_be_looked_at_and_the_next_deployment_takes_all_of_it_back_and_makes_it_anew(bool isDeletedByThat)
    {
        if (isDeletedByThat)
        {
            File.WriteAllText(Aws.At("rollback-deletes"), "");
        }

        var failed = await FailAsync();

        Assert.Contains("CREATE_FAILED. First: You have exceeded your quota", failed.Message, StringComparison.Ordinal);
        Assert.Contains("the same command", failed.Message, StringComparison.Ordinal);
        Assert.Equal("CREATE_FAILED", _installation.StatusOf("Data"));
        Assert.True((bool)Aws.State["databases"]![Database]!["protected"]!);

        await _installation.DeployAsync();

        var data = NameOf("Data");
        Assert.Equal(
            isDeletedByThat ? ["CREATE", "ROLLBACK", "CREATE"] : new[] { "CREATE", "ROLLBACK", "DELETE", "CREATE" },
            Aws.Log.Where(line => line.EndsWith(data, StringComparison.Ordinal)).Select(line => line.Split(' ')[0])
        );
        Assert.Equal("CREATE_COMPLETE", _installation.StatusOf("Data"));
        // Told once more before there is nothing left to look at.
        Assert.Contains($"{data}: CREATE_FAILED. First: You have exceeded your quota", Aws.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_still_being_made_is_waited_for_and_one_that_never_was_is_passed_over()
    {
        await FailAsync();
        Aws.Change(state =>
        {
            state["databases"]![Database]!["status"] = "creating";
            state["databases"]!.AsObject().Remove("quickpay-dev-data-replica");
        });

        await _installation.DeployAsync();

        Assert.Equal("CREATE_COMPLETE", _installation.StatusOf("Data"));
    }

    /// <summary>Left by CloudFormation's own way back, which protection has stopped: from there it can only be deleted, and what templates keep stays.</summary>
    [Fact]
    public async Task Of_one_whose_way_back_has_failed_what_stays_is_named_and_whoever_has_deleted_it_goes_on()
    {
        await FailAsync();
        _installation.Put("Data", "ROLLBACK_FAILED");

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync());

        Assert.Contains("AWS::Logs::LogGroup /quickpay/dev/database", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("secret:quickpay/dev/token-key", stopped.Message, StringComparison.Ordinal);
        Assert.Null(Aws.State["stacks"]![NameOf("Data")]);
        Assert.Empty(Aws.State["databases"]!.AsObject());

        Aws.DeleteKept();
        await _installation.DeployAsync();
        Assert.Equal("CREATE_COMPLETE", _installation.StatusOf("Data"));
    }

    [Theory]
    [InlineData("iam tag-role")]
    [InlineData("rds modify-db-instance")]
    [InlineData("cloudformation delete-stack QuickPay-dev-Data")]
    public async Task Whoever_may_not_clear_it_away_is_told_who_may(string denied)
    {
        await FailAsync();
        Aws.Deny(denied);

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync());

        Assert.Contains($"{NameOf("Data")}: ", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("takes an administrator", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("AccessDenied", stopped.Message, StringComparison.Ordinal);
    }

    private async Task<AwsException> FailAsync()
    {
        Aws.Fail("fail", NameOf("Data"));
        return await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync());
    }
}
