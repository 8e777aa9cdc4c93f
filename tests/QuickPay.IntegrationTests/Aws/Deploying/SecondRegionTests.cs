using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>What a deployment does for the second region, with the real templates.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class SecondRegionTests(AwsTemplates templates) : IDisposable
{
    private const string Elsewhere = "quickpay-prod-artifacts-123456789012-ap-southeast-1/programs/";

    private readonly PlayedAws _aws = new();
    private IReadOnlyList<string> _regions = [];

    private IEnumerable<string> Objects => _aws.State["objects"]!.AsObject().Select(one => one.Key);

    public void Dispose() => _aws.Dispose();

    /// <summary>Each region's databases have authorities of their own.</summary>
    [Theory]
    [InlineData("dev", "ap-northeast-2")]
    [InlineData("prod", "ap-northeast-2", "ap-southeast-1")]
    public async Task Programs_know_the_databases_of_every_region(string environment, params string[] regions)
    {
        await DeployAsync(environment);

        Assert.Equal(regions, _regions);
    }

    [Fact]
    public async Task Programs_are_there_before_servers_are_started()
    {
        _aws.Fail("fail", "QuickPay-prod-RecoveryService");

        await Assert.ThrowsAsync<AwsException>(() => DeployAsync("prod"));

        // Functions are in the first region alone.
        Assert.Equal([$"{Elsewhere}v1.tar.gz"], Objects.Where(name => name.StartsWith(Elsewhere, StringComparison.Ordinal)));
        Assert.Equal("CREATE QuickPay-prod-RecoveryService", _aws.Log[^1]);
    }

    [Fact]
    public async Task Servers_there_come_after_those_of_the_first_region_and_after_copies_of_secrets_and_the_replica()
    {
        await DeployAsync("prod");

        var order = _aws.Log.Select(line => line.Split(' ')[1].Split('-')[^1]).ToList();
        Assert.All(
            ["Data", "Setup", "Service", "Recovery", "RecoveryEdge"],
            before => Assert.True(order.IndexOf(before) < order.IndexOf("RecoveryService"))
        );
    }

    /// <summary>Servers that a deployment starts would work on the ledger that was left.</summary>
    [Fact]
    public async Task Nothing_is_deployed_once_the_second_region_has_taken_over()
    {
        await DeployAsync("prod");
        var before = _aws.Log.Count;
        _aws.Change(state => state["databases"]!["quickpay-prod-elsewhere"]!["source"] = null);

        var stopped = await Assert.ThrowsAsync<LocalException>(() => DeployAsync("prod"));

        Assert.Contains("The second region has taken over", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(before, _aws.Log.Count);
    }

    private Task DeployAsync(string environment)
    {
        var archive = _aws.At("archive");
        File.WriteAllText(archive, "v1");
        var given = new Dictionary<string, string>
        {
            ["Domain"] = "pay.example.com",
            ["HostedZone"] = "Z1",
            ["AlarmMail"] = "a@example.com",
        };
        return _aws.Of(environment, PlannedStack.Read(templates.FolderOf(environment)))
            .DeployAsync(
                new DeployOrders(given),
                regions =>
                {
                    _regions = regions;
                    return Task.FromResult(new ProgramArchives("v1", new string('a', 64), archive, archive));
                },
                TestContext.Current.CancellationToken
            );
    }
}
