using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Nag;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Local;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>AWS's rule packs over the templates that there are. They come from npm: where that is missing these fail, and say so.</summary>
[Trait("Category", "slow")]
public sealed class NagTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_finding_has_its_reason_and_every_reason_its_finding()
    {
        var suppressions = Suppression.Parse(
            await File.ReadAllTextAsync(NagScript.SuppressionsFile, Cancellation),
            NagScript.SuppressionsFile
        );
        var scan = await NagScript.RunAsync(Synthesis.Environments, NagPacks.All, output.WriteLine, Cancellation);

        var report = NagReport.Of(scan, suppressions, Synthesis.Environments, NagPacks.All);

        Assert.Empty(report.Open);
        Assert.Empty(report.Stale);
        Assert.All(report.Packs, pack => Assert.True(pack.Findings > 0, $"{pack.Pack} found nothing: was it applied?"));

        await using var command = RunningCommand.Start("aws", "nag", "--json");
        var told = JsonSerializer.Deserialize<JsonElement>(await command.OutputAsync(Cancellation));
        Assert.Equal(0, await command.ExitAsync(Cancellation));
        Assert.Equal(report.Resources, told.GetProperty("resources").GetInt32());
        Assert.Equal(report.Suppressed.Count, told.GetProperty("suppressed").GetArrayLength());
    }
}

/// <summary>`aws nag` on a machine that lacks something.</summary>
public sealed class NagCommandTests : IDisposable
{
    private readonly DirectoryInfo _path = Directory.CreateTempSubdirectory("quickpay-path-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_npm_it_says_so_and_ends_with_2()
    {
        File.CreateSymbolicLink(Path.Combine(_path.FullName, "node"), "/bin/true");
        await using var command = RunningCommand.Start(
            ["/usr/bin/env", $"PATH={_path.FullName}", Programs.DotNet, RunningCommand.Assembly],
            ["aws", "nag"]
        );

        Assert.Equal(2, await command.ExitAsync(Cancellation));
        Assert.Contains("`npm` is missing", command.Errors);
        Assert.Contains("apt-get install npm", command.Errors);
    }

    [Theory]
    [InlineData("--env", "test")]
    [InlineData("--pack", "Hipaa")]
    public async Task What_there_is_not_is_no_usage(string option, string value)
    {
        await using var command = RunningCommand.Start("aws", "nag", option, value);

        Assert.Equal(2, await command.ExitAsync(Cancellation));
    }

    public void Dispose() => _path.Delete(recursive: true);
}
