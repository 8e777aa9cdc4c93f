using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>A new installation where one of the same name has been: what that one has left keeps its names.</summary>
public sealed class TakenNameTests : IDisposable
{
    private readonly SmallInstallation _installation = new(isProtected: true);

    private PlayedAws Aws => _installation.Aws;

    public void Dispose() => _installation.Dispose();

    [Fact]
    public async Task All_that_is_in_the_way_is_listed_before_anything_is_made()
    {
        await _installation.StandAsync();
        await _installation.DestroyAsync();
        var log = Aws.Log.Count;

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync());

        Assert.Equal(
            [
                "  ap-northeast-2 AWS::Backup::BackupVault quickpay-dev",
                "  ap-northeast-2 AWS::Logs::LogGroup /quickpay/dev/database",
                "  ap-northeast-2 AWS::S3::Bucket quickpay-dev-flows-123456789012",
                "  ap-northeast-2 AWS::SecretsManager::Secret quickpay/dev/token-key",
            ],
            stopped.Message.Split('\n').Where(line => line.StartsWith(' ')).Order(StringComparer.Ordinal)
        );
        Assert.Equal(log, Aws.Log.Count);

        Aws.DeleteKept();
        await _installation.DeployAsync();
        Assert.Equal(log + Names.Length, Aws.Log.Count);
    }

    [Fact]
    public async Task A_secret_that_waits_for_its_end_and_a_copy_elsewhere_are_in_the_way_too()
    {
        await _installation.StandAsync();
        await _installation.DestroyAsync();
        Aws.DeleteKept();
        Aws.Change(state =>
        {
            foreach (var (region, deleted) in new[] { ("ap-northeast-2", true), ("ap-southeast-1", false) })
            {
                state["secrets"]![$"arn:{region}"] = new System.Text.Json.Nodes.JsonObject
                {
                    ["name"] = "quickpay/dev/token-key",
                    ["region"] = region,
                    ["replicas"] = new System.Text.Json.Nodes.JsonArray(),
                    ["looked"] = 0,
                    ["deleted"] = deleted,
                };
            }
        });

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync());

        Assert.Equal(
            [
                "  ap-northeast-2 AWS::SecretsManager::Secret quickpay/dev/token-key, to be deleted for good after 2026-12-01T00:00:00+00:00",
                "  ap-southeast-1 AWS::SecretsManager::Secret quickpay/dev/token-key",
            ],
            stopped.Message.Split('\n').Where(line => line.StartsWith(' ')).Order(StringComparer.Ordinal)
        );
    }

    /// <summary>Names of buckets are the whole world's.</summary>
    [Fact]
    public async Task A_bucket_of_somebody_else_is_in_the_way_too()
    {
        File.WriteAllText(Aws.At("bucket-quickpay-dev-flows-123456789012"), "");

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync());

        Assert.Contains("quickpay-dev-flows-123456789012, which the caller may not see", stopped.Message, StringComparison.Ordinal);
        Assert.Empty(Aws.Log);
    }

    /// <summary>Its own names are no hindrance: it is cleared away.</summary>
    [Fact]
    public async Task Of_a_first_stack_that_failed_nothing_is_in_the_way()
    {
        Aws.Fail("fail", NameOf("Foundation"));
        await Assert.ThrowsAsync<QuickPay.Cli.Aws.Deploying.AwsException>(() => _installation.DeployAsync());

        await _installation.DeployAsync();

        Assert.Equal("CREATE_COMPLETE", _installation.StatusOf("Observe"));
    }

    [Fact]
    public async Task Whoever_may_not_look_is_told_that_a_first_deployment_takes_an_administrator()
    {
        Aws.Deny("kms list-aliases");

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync());

        Assert.Contains("takes an administrator", stopped.Message, StringComparison.Ordinal);
        Assert.Empty(Aws.Log);
    }

    /// <summary>Later on nobody asks: each look is a right that the deployer does not have.</summary>
    [Fact]
    public async Task Once_it_stands_nobody_looks()
    {
        await _installation.StandAsync();
        Aws.Deny("kms *", "backup *", "logs *");

        await _installation.DeployAsync(version: "v2");

        Assert.Equal("UPDATE_COMPLETE", _installation.StatusOf("Service"));
    }
}
