using System.Diagnostics;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>
/// What a launch template starts its servers with, run in a folder that stands for their root: whatever fails in it, CloudFormation hears at once.
/// </summary>
[Collection(nameof(AwsTemplates))]
public sealed class UserDataTests(AwsTemplates templates) : IDisposable
{
    private const string Signal =
        "aws cloudformation signal-resource --stack-name {AWS::StackName} --logical-resource-id ApiServers --status FAILURE --unique-id i-1 --region {AWS::Region}";

    private readonly string _root = Directory.CreateTempSubdirectory("user-data-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("mkdir")]
    [InlineData("aws s3")]
    [InlineData("sha256sum")]
    [InlineData("tar")]
    [InlineData("boot.sh")]
    public async Task What_fails_is_said_to_CloudFormation(string program)
    {
        var (exitCode, calls) = await RunAsync(program);

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith(
            program,
            calls.Last(call => call != Signal && !call.StartsWith("curl", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Equal(Signal, calls[^1]);
    }

    [Fact]
    public async Task What_works_says_so_itself()
    {
        var (exitCode, calls) = await RunAsync("nothing");

        Assert.Equal(0, exitCode);
        Assert.Equal("boot.sh QuickPay.Api {AWS::StackName} ApiServers {AWS::Region}", calls[^1]);
    }

    private async Task<(int ExitCode, string[] Calls)> RunAsync(string fails)
    {
        var template = new Rows(templates.Prod).One("AWS::EC2::LaunchTemplate", "Api");
        var script = templates.Prod.Text(template, template["LaunchTemplateData", "UserData"]);
        foreach (var folder in new[] { "/etc/", "/opt/", "/tmp/quickpay" })
        {
            script = script.Replace(folder, $"{_root}{folder}", StringComparison.Ordinal);
        }
        foreach (var folder in new[] { "bin", "etc/quickpay", "opt/quickpay", "tmp" })
        {
            Directory.CreateDirectory(At(folder));
        }
        await File.WriteAllTextAsync(At("start"), script, TestContext.Current.CancellationToken);
        Play("bin/mkdir");
        Play("bin/sha256sum", "cat >/dev/null");
        Play("bin/tar");
        Play("bin/aws");
        Play("opt/quickpay/boot.sh");
        // Only with what the metadata gave before.
        Play("bin/curl", """case "$*" in *PUT*) echo pass;; *"token: pass"*) echo i-1;; esac""");

        var start = new ProcessStartInfo("/bin/bash", [At("start")]);
        start.Environment["PATH"] = $"{At("bin")}:/usr/bin:/bin";
        start.Environment["FAILS"] = fails;
        start.Environment["CALLS"] = At("calls");
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await File.ReadAllLinesAsync(At("calls"), TestContext.Current.CancellationToken));
    }

    private void Play(string path, string answer = ":")
    {
        File.WriteAllText(
            At(path),
            $$"""
            #!/bin/sh
            called="$(basename "$0") $*"
            echo "$called" >>"$CALLS"
            {{answer}}
            case "$called" in "$FAILS"*) exit 1;; esac

            """
        );
        File.SetUnixFileMode(At(path), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private string At(string path) => Path.Combine(_root, path);
}
