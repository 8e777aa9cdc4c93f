using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Local;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>
/// The command as people call it, a process of its own: real templates, real programs, and on its path an <c>aws</c> that is played and a <c>curl</c>
/// that has certificates.
/// </summary>
[Collection(nameof(Publishing))]
[Trait("Category", "slow")]
public sealed class WholeCommandTests : IDisposable
{
    private readonly PlayedAws _aws = new();

    public WholeCommandTests()
    {
        File.WriteAllText(_aws.At("quick"), "");
        File.WriteAllText(
            _aws.At("curl"),
            """
            #!/bin/sh
            while [ "$1" != --output ]; do shift; done
            echo '-----BEGIN CERTIFICATE-----' >"$2"
            """
        );
        File.SetUnixFileMode(_aws.At("curl"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public void Dispose() => _aws.Dispose();

    [Fact]
    public async Task It_makes_an_installation_finds_it_as_it_should_be_and_takes_it_away()
    {
        string[] given = ["--domain", "pay.example.com", "--hosted-zone", "Z1", "--alarm-mail", "a@example.com"];
        var locked = LockFiles.Read();

        var first = await RunAsync(["deploy", "--env", "dev", "--yes", .. given]);

        Assert.True(first.ExitCode == 0, first.Errors);
        Assert.Equal(locked, LockFiles.Read());
        var stacks = PlannedStack.Read(Synthesis.FolderOf("dev")).Select(stack => stack.Name).ToList();
        string[] before = ["QuickPay-dev-Foundation", "QuickPay-dev-Deployers"];
        List<string> order = [.. before, .. stacks.Except(before)];
        Assert.Equal(order.Select(name => $"CREATE {name}"), _aws.Log);
        Assert.All(stacks, name => Assert.Equal("CREATE_COMPLETE", (string)_aws.Stack(name)["status"]!));
        Assert.Equal(
            2,
            _aws.State["objects"]!.AsObject().Count(one => one.Key.StartsWith("programs-bucket/programs/", StringComparison.Ordinal))
        );

        var second = await RunAsync(["deploy", "--env", "dev", "--yes"]);

        Assert.True(second.ExitCode == 0, second.Errors);
        Assert.All(stacks, name => Assert.Contains($"quickpay: {name}: as it should be", second.Errors, StringComparison.Ordinal));
        Assert.Equal(order.Count, _aws.Log.Count);

        // There is nobody to ask.
        var asked = await RunAsync(["destroy", "--env", "dev"]);
        Assert.Equal(2, asked.ExitCode);
        Assert.Contains("Nothing was done", asked.Errors, StringComparison.Ordinal);

        var last = await RunAsync(["destroy", "--env", "dev", "--yes"]);
        Assert.True(last.ExitCode == 0, last.Errors);
        Assert.Equal("Nothing is left.", last.Output.Trim());
        Assert.Equal(order.AsEnumerable().Reverse().Select(name => $"DELETE {name}"), _aws.Log.Skip(order.Count));
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments) =>
        Tool.TryRunAsync(
            Programs.DotNet,
            [RunningCommand.Assembly, "aws", .. arguments],
            user: null,
            new Dictionary<string, string> { ["PATH"] = $"{_aws.Folder}:{Environment.GetEnvironmentVariable("PATH")}" },
            TestContext.Current.CancellationToken
        );
}

/// <summary>One after the other: two that publish the same programs at once would write the same files.</summary>
[CollectionDefinition(nameof(Publishing))]
public sealed class Publishing;
