using QuickPay.Cli.Aws.Deploying;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>An installation is taken away.</summary>
public sealed class DestroyTests
{
    [Fact]
    public async Task All_of_it_is_taken_away_from_the_last_to_the_first_and_buckets_with_it()
    {
        using var installation = new SmallInstallation();
        await installation.StandAsync();

        Assert.Empty(await installation.DestroyAsync());

        Assert.Equal(Names.Reverse().Select(name => $"DELETE {NameOf(name)}"), installation.Aws.Log.Skip(Names.Length));
        Assert.Empty(installation.Aws.State["databases"]!.AsObject());
        Assert.DoesNotContain("rds modify-db-instance", installation.Aws.Calls);
        await installation.DestroyAsync();
        Assert.Equal(2 * Names.Length, installation.Aws.Log.Count);
    }

    [Fact]
    public async Task What_could_not_be_deleted_at_once_is_tried_again()
    {
        using var installation = new SmallInstallation();
        await installation.StandAsync();
        installation.Aws.Fail("fail-delete", NameOf("Network"));

        await installation.DestroyAsync();

        Assert.Empty(installation.Aws.State["stacks"]!.AsObject());
    }

    [Fact]
    public async Task What_cannot_be_deleted_is_told_and_a_later_destroy_goes_on_there()
    {
        using var installation = new SmallInstallation();
        await installation.StandAsync();
        installation.Aws.Fail("fail-delete", NameOf("Network"), once: false);
        var failed = await Assert.ThrowsAsync<AwsException>(installation.DestroyAsync);
        Assert.Contains("DELETE_FAILED. First: resource has a dependent object", failed.Message, StringComparison.Ordinal);
        File.Delete(installation.Aws.At($"fail-delete-{NameOf("Network")}"));

        await installation.DestroyAsync();

        Assert.Empty(installation.Aws.State["stacks"]!.AsObject());
    }

    [Fact]
    public async Task Of_a_protected_one_protection_is_lifted_before_anything_is_deleted_and_what_stays_is_named()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        Assert.All(Names, name => Assert.True((bool)installation.Aws.Stack(NameOf(name))["protected"]!));

        var left = await installation.DestroyAsync();

        var calls = installation.Aws.Calls.ToList();
        Assert.Equal(2, calls.Count(call => call == "rds modify-db-instance"));
        Assert.Single(calls, "elbv2 modify-load-balancer-attributes");
        Assert.True(calls.IndexOf("cloudformation delete-stack") > calls.LastIndexOf("rds modify-db-instance"));
        Assert.True(calls.IndexOf("cloudformation delete-stack") > calls.IndexOf("elbv2 modify-load-balancer-attributes"));
        Assert.Contains("Database (quickpay-dev-data-database) may be deleted now", installation.Aws.Said, StringComparison.Ordinal);
        Assert.Empty(installation.Aws.State["stacks"]!.AsObject());
        Assert.Equal(
            [
                "ap-northeast-2 AWS::S3::Bucket programs-bucket (First)",
                "ap-northeast-2 snapshot quickpay-dev-data-cache-snapshot",
                "ap-northeast-2 snapshot quickpay-dev-data-database-last",
            ],
            left.Order(StringComparer.Ordinal)
        );
        // They are not emptied: what is in them is kept.
        Assert.NotNull(installation.Aws.State["objects"]!["programs-bucket/programs/v1.tar.gz"]);
    }

    [Fact]
    public async Task Of_a_protected_one_a_deployment_finishes_no_deleting()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        installation.Put("Data", "DELETE_FAILED");

        var stopped = await Assert.ThrowsAsync<QuickPay.Cli.Local.LocalException>(() => installation.DeployAsync());

        Assert.Contains("`aws destroy` goes on with that", stopped.Message, StringComparison.Ordinal);
        Assert.Equal("DELETE_FAILED", installation.StatusOf("Data"));
    }

    [Fact]
    public async Task A_first_deployment_of_a_protected_one_that_could_not_be_undone_is_cleared_away()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        installation.Put("Edge", "ROLLBACK_FAILED");

        await installation.DeployAsync();

        Assert.Equal("CREATE_COMPLETE", installation.StatusOf("Edge"));
    }

    [Fact]
    public async Task Protection_that_a_broken_off_deployment_did_not_come_to_is_made_up_for()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        installation.Aws.Change(state => state["stacks"]![NameOf("Edge")]!["protected"] = false);

        await installation.DeployAsync();

        Assert.True((bool)installation.Aws.Stack(NameOf("Edge"))["protected"]!);
    }
}
