using System.Diagnostics;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>
/// What a new instance does, in a folder that stands for its root. The programs that would touch a real machine or AWS are played, and note how they
/// were called.
/// </summary>
public sealed class BootTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("quickpay-boot-").FullName;

    public BootTests()
    {
        foreach (
            var folder in new[]
            {
                "bin",
                "etc/quickpay",
                "etc/systemd/system",
                "etc/logrotate.d",
                "opt/quickpay",
                "opt/aws/bin",
                "opt/aws/amazon-cloudwatch-agent/etc",
                "var/log/quickpay",
            }
        )
        {
            Directory.CreateDirectory(At(folder));
        }
        var source = Path.Combine(Programs.RepositoryRoot, "infra/QuickPay.Aws/Service");
        foreach (var file in new[] { "boot.sh", "agent.json" })
        {
            File.Copy(Path.Combine(source, file), At("opt/quickpay", file));
        }
        File.WriteAllText(At("etc/quickpay/environment"), "Urls=http://0.0.0.0:8080\n");
        File.WriteAllText(At("etc/quickpay/secrets"), "Postgres__Password=arn:api\nRedis__Password=arn:redis\n");
        File.WriteAllText(At("etc/quickpay/secret-files"), "Tokens__SigningKeyFile=arn:key\n");
        // aws secretsmanager get-secret-value --secret-id ARN …
        Play("bin/aws", """[ "$AWS_DEFAULT_REGION" = ap-northeast-2 ] && [ ! -e "$QUICKPAY_ROOT/refuse $4" ] && echo "text of $4" """);
        foreach (var program in new[] { "dnf", "systemctl", "useradd", "id", "install", "chown" })
        {
            Play($"bin/{program}", "");
        }
        Play("bin/curl", """[ ! -e "$QUICKPAY_ROOT/not-ready" ]""");
        Play("bin/sleep", "");
        Play("opt/aws/bin/cfn-signal", "");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("QuickPay-prod-Service")]
    [InlineData("QuickPay-prod-RecoveryService")]
    public async Task A_server_is_installed_watched_started_and_said_to_be_ready(string stack)
    {
        Assert.Equal((0, ""), await BootAsync("QuickPay.Api", stack, "ApiServers", "ap-northeast-2"));

        Assert.Contains($"ExecStart={At("opt/quickpay/QuickPay.Api/QuickPay.Api")}", Read("etc/systemd/system/quickpay.service"), Ordinal);
        Assert.Contains("\"/quickpay/prod/api\"", Read("opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json"), Ordinal);
        Assert.Contains("systemctl enable --now quickpay\n", Read("calls"), Ordinal);
        Assert.EndsWith(
            $"cfn-signal --exit-code 0 --stack {stack} --resource ApiServers --region ap-northeast-2\n",
            Read("calls"),
            Ordinal
        );
    }

    [Fact]
    public async Task Secrets_are_fetched_before_each_start_for_the_host_alone()
    {
        File.WriteAllText(At("etc/quickpay/region"), "ap-northeast-2\n");

        Assert.Equal((0, ""), await BootAsync("secrets"));

        Assert.Equal(
            $"""
            Urls=http://0.0.0.0:8080
            Postgres__Password=text of arn:api
            Redis__Password=text of arn:redis
            Tokens__SigningKeyFile={At("run/quickpay/Tokens__SigningKeyFile")}

            """,
            Read("run/quickpay/environment")
        );
        Assert.Equal("text of arn:key\n", Read("run/quickpay/Tokens__SigningKeyFile"));
        foreach (var file in new[] { "environment", "Tokens__SigningKeyFile" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("run/quickpay", file)));
        }
        Assert.DoesNotContain("text of", Read("calls"), Ordinal);
    }

    [Theory]
    [InlineData("arn:api")]
    [InlineData("arn:key")]
    public async Task Without_one_of_its_secrets_a_host_does_not_start(string secret)
    {
        File.WriteAllText(At("etc/quickpay/region"), "ap-northeast-2\n");
        File.WriteAllText(At($"refuse {secret}"), "");

        Assert.NotEqual(0, (await BootAsync("secrets")).ExitCode);

        Assert.False(File.Exists(At("run/quickpay/environment")));
    }

    [Theory]
    [InlineData("not-ready", "QuickPay.Api", "1")]
    [InlineData(null, "QuickPay.Edge", "2")]
    public async Task A_server_that_does_not_get_ready_is_said_to_have_failed(string? why, string host, string exitCode)
    {
        if (why is not null)
        {
            File.WriteAllText(At(why), "");
        }

        var (code, errors) = await BootAsync(host, "QuickPay-prod-Service", "ApiServers", "ap-northeast-2");

        Assert.Equal(exitCode, $"{code}");
        Assert.NotEqual("", errors);
        Assert.Contains($"cfn-signal --exit-code {exitCode} ", Read("calls"), Ordinal);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private string At(params string[] path) => Path.Combine([_root, .. path]);

    private string Read(string path) => File.ReadAllText(At(path));

    private void Play(string path, string script)
    {
        File.WriteAllText(At(path), $"#!/bin/sh\necho \"$(basename \"$0\") $*\" >>\"$QUICKPAY_ROOT/calls\"\n{script}\n");
        File.SetUnixFileMode(At(path), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private async Task<(int ExitCode, string Errors)> BootAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash", [At("opt/quickpay/boot.sh"), .. arguments]) { RedirectStandardError = true };
        start.Environment["QUICKPAY_ROOT"] = _root;
        start.Environment["PATH"] = $"{At("bin")}:/usr/bin:/bin";
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors.Trim());
    }
}
