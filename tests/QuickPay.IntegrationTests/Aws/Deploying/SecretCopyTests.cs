using System.Text.Json.Nodes;
using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>Secrets are copied to the second region after their stack stands, and nobody is told when that fails.</summary>
public sealed class SecretCopyTests : IDisposable
{
    private const string Elsewhere = "ap-southeast-1";
    private readonly SmallInstallation _installation = new(isProtected: true);

    private PlayedAws Aws => _installation.Aws;

    public void Dispose() => _installation.Dispose();

    [Fact]
    public async Task Copies_are_waited_for_before_the_next_stack()
    {
        await _installation.DeployAsync();

        var calls = Aws.CallsOnStacks.ToList();
        Assert.Contains($"{NameOf("Data")}: secrets are being copied", Aws.Said, StringComparison.Ordinal);
        Assert.InRange(
            calls.LastIndexOf("secretsmanager describe-secret"),
            calls.IndexOf($"cloudformation execute-change-set {NameOf("Data")}"),
            calls.IndexOf($"cloudformation execute-change-set {NameOf("Edge")}")
        );
    }

    [Fact]
    public async Task One_that_failed_is_told_with_its_region_its_cause_and_what_to_do()
    {
        await _installation.StandAsync();
        Copy(new JsonObject { ["Status"] = "Failed", ["StatusMessage"] = "The key is disabled" });

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync(version: "v2"));

        Assert.Contains("quickpay/dev/token-key", stopped.Message, StringComparison.Ordinal);
        Assert.Contains($"{Elsewhere}: Failed. The key is disabled", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("replicate-secret-to-regions", stopped.Message, StringComparison.Ordinal);
        // What came before it stands, and nothing after it was touched.
        Assert.Equal(Names.Length, Aws.Log.Count);

        Copy(new JsonObject { ["Status"] = "InSync" });
        await _installation.DeployAsync(version: "v2");
        Assert.Equal("UPDATE_COMPLETE", _installation.StatusOf("Service"));
    }

    [Fact]
    public async Task One_that_comes_to_no_end_is_not_waited_for_for_ever()
    {
        await _installation.StandAsync();
        Copy(new JsonObject { ["Status"] = "InProgress" });

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync(version: "v2"));

        Assert.Contains($"{Elsewhere}: InProgress", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_somebody_has_taken_away_is_missed()
    {
        await _installation.StandAsync();
        Aws.Change(state => Secret(state)["replicas"] = new JsonArray());

        var stopped = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync(version: "v2"));

        Assert.Contains($"{Elsewhere}: missing", stopped.Message, StringComparison.Ordinal);
    }

    private void Copy(JsonObject said) => Aws.Change(state => Secret(state)["copies"] = new JsonObject { [Elsewhere] = said });

    private static JsonNode Secret(JsonNode state) => Assert.Single(state["secrets"]!.AsObject()).Value!;
}
