using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>An installation is taken away.</summary>
public sealed class DestroyTests
{
    private const StringComparison Is = StringComparison.Ordinal;

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
    public async Task Of_a_protected_one_each_stack_loses_its_protection_when_it_is_its_turn_and_what_stays_is_named()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        Assert.All(Names, name => Assert.True((bool)installation.Aws.Stack(NameOf(name))["protected"]!));

        var left = await installation.DestroyAsync();

        Assert.Equal(
            [
                $"cloudformation delete-stack {NameOf("Observe")}",
                $"cloudformation delete-stack {NameOf("Service")}",
                $"cloudformation delete-stack {NameOf("Identity")}",
                "elbv2 modify-load-balancer-attributes",
                $"cloudformation delete-stack {NameOf("Edge")}",
                "rds modify-db-instance",
                "rds modify-db-instance",
                $"cloudformation delete-stack {NameOf("Data")}",
                "rds delete-db-instance",
                $"cloudformation delete-stack {NameOf("Data")}",
                $"cloudformation delete-stack {NameOf("Network")}",
                $"cloudformation delete-stack {NameOf("Deployers")}",
                $"cloudformation delete-stack {NameOf("Foundation")}",
            ],
            installation.Aws.CallsOnStacks.Where(call => call.Contains("delete-", Is) || call.Contains("modify-", Is))
        );
        Assert.Contains("Database (quickpay-dev-data-database) may be deleted now", installation.Aws.Said, StringComparison.Ordinal);
        Assert.Empty(installation.Aws.State["stacks"]!.AsObject());
        Assert.Equal(
            [
                "ap-northeast-2 AWS::Backup::BackupVault quickpay-dev (Vault)",
                "ap-northeast-2 AWS::Logs::LogGroup /quickpay/dev/database (Log)",
                "ap-northeast-2 AWS::S3::Bucket programs-bucket (First)",
                "ap-northeast-2 AWS::S3::Bucket quickpay-dev-flows-123456789012 (Flows)",
                "ap-northeast-2 AWS::SecretsManager::Secret arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:quickpay/dev/token-key-AbCdEf (Token)",
                "ap-northeast-2 snapshot quickpay-dev-data-cache-snapshot",
                "ap-northeast-2 snapshot quickpay-dev-data-database-last-20261123-2105",
            ],
            left.Order(StringComparer.Ordinal)
        );
        // They are not emptied: what is in them is kept.
        Assert.NotNull(installation.Aws.State["objects"]!["programs-bucket/programs/v1.tar.gz"]);
    }

    [Fact]
    public async Task Where_it_stops_the_stacks_before_keep_their_protection()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        installation.Aws.Fail("fail-delete", NameOf("Service"), once: false);

        await Assert.ThrowsAsync<AwsException>(installation.DestroyAsync);

        Assert.All(installation.Aws.State["databases"]!.AsObject(), database => Assert.True((bool)database.Value!["protected"]!));
        Assert.All(installation.Aws.State["balancers"]!.AsObject(), balancer => Assert.True((bool)balancer.Value!));
    }

    [Fact]
    public async Task One_that_was_broken_off_before_its_database_was_gone_goes_on_with_it()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        installation.Aws.Deny("rds delete-db-instance");
        var stopped = await Assert.ThrowsAsync<LocalException>(installation.DestroyAsync);
        Assert.Contains("administrator", stopped.Message, StringComparison.Ordinal);
        Assert.Equal("DELETE_FAILED", installation.StatusOf("Data"));
        installation.Aws.Deny();

        var left = await installation.DestroyAsync();

        Assert.Empty(installation.Aws.State["stacks"]!.AsObject());
        Assert.Contains("ap-northeast-2 snapshot quickpay-dev-data-database-last-20261123-2105", left);
    }

    [Fact]
    public async Task One_that_was_broken_off_while_its_database_was_being_deleted_waits_for_that()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        installation.Aws.Change(state => state["databases"]!["quickpay-dev-data-database"]!["status"] = "deleting");

        await installation.DestroyAsync();

        Assert.Empty(installation.Aws.State["stacks"]!.AsObject());
        Assert.Equal("quickpay-dev-data-cache-snapshot", Assert.Single(installation.Aws.State["snapshots"]!.AsObject()).Key);
    }

    [Fact]
    public async Task It_can_be_done_twice_in_the_life_of_an_account_and_each_last_snapshot_stays()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        await installation.DestroyAsync();
        installation.Aws.DeleteKept();
        await installation.DeployAsync();
        installation.Aws.SetTime(new DateTimeOffset(2027, 1, 2, 3, 4, 0, TimeSpan.Zero));

        var left = await installation.DestroyAsync();

        Assert.Equal(
            [
                "ap-northeast-2 snapshot quickpay-dev-data-database-last-20261123-2105",
                "ap-northeast-2 snapshot quickpay-dev-data-database-last-20270102-0304",
            ],
            left.Where(line => line.Contains("-last", Is)).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Of_a_protected_one_a_deployment_finishes_no_deleting()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        installation.Put("Data", "DELETE_FAILED");

        var stopped = await Assert.ThrowsAsync<LocalException>(() => installation.DeployAsync());

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

    [Fact]
    public async Task Whoever_may_not_protect_a_stack_is_told_so_once_all_of_it_stands()
    {
        using var installation = new SmallInstallation(isProtected: true);
        await installation.StandAsync();
        installation.Aws.Change(state => state["stacks"]![NameOf("Data")]!["protected"] = false);
        installation.Aws.Deny($"cloudformation update-termination-protection {NameOf("Data")}");

        var stopped = await Assert.ThrowsAsync<LocalException>(() => installation.DeployAsync(version: "v2"));

        Assert.Contains(NameOf("Data"), stopped.Message, StringComparison.Ordinal);
        Assert.Contains("administrator", stopped.Message, StringComparison.Ordinal);
        Assert.Equal("UPDATE_COMPLETE", installation.StatusOf("Service"));
    }
}
