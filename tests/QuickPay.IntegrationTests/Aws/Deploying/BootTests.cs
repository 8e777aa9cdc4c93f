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
        File.WriteAllText(
            At("etc/quickpay/secrets"),
            "redis=arn:redis\ntoken-key-before=arn:key AWSPREVIOUS\ntoken-key-next=arn:key AWSPENDING\ntoken-key=arn:key\n"
        );
        File.WriteAllText(
            At("etc/quickpay/database-logins"),
            "primary.example:5432:quickpay:qp_api\nreplica.example:5432:quickpay:qp_stats\n"
        );
        // aws secretsmanager get-secret-value --secret-id ARN --version-stage STAGE …, aws rds generate-db-auth-token --hostname HOST --port PORT --username ROLE
        Play(
            "bin/aws",
            """
            [ "$AWS_DEFAULT_REGION" = ap-northeast-2 ] && [ ! -e "$QUICKPAY_ROOT/refuse $4" ] || exit 1
            case "$2" in
              get-secret-value)
                if [ -e "$QUICKPAY_ROOT/$6 of $4" ]; then cat "$QUICKPAY_ROOT/$6 of $4"
                elif [ "$6" = AWSCURRENT ]; then echo "text of $4"
                else echo "An error occurred (ResourceNotFoundException): can't find the specified secret value for staging label: $6" >&2; exit 254
                fi ;;
              generate-db-auth-token) printf '%s\n' "$4:$6/?DBUser=$8&Signature=a\\b%2F" ;;
              *) exit 1 ;;
            esac
            """
        );
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
        Assert.Contains("systemctl enable --now quickpay quickpay-secrets.timer\n", Read("calls"), Ordinal);
        Assert.Contains($"ExecStart={At("opt/quickpay/boot.sh")} secrets\n", Read("etc/systemd/system/quickpay-secrets.service"), Ordinal);
        // Of 15 minutes, less what a first failure costs.
        Assert.Contains("\nOnUnitActiveSec=4min\n", Read("etc/systemd/system/quickpay-secrets.timer"), Ordinal);
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

        Assert.Equal(("text of arn:key\n", "text of arn:redis\n"), (Read("run/quickpay/token-key"), Read("run/quickpay/redis")));
        Assert.Equal(Passwords, Read("run/quickpay/passwords"));
        foreach (var file in new[] { "passwords", "redis", "token-key" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("run/quickpay", file)));
        }
        Assert.DoesNotContain("text of", Read("calls"), Ordinal);
    }

    /// <summary>Hosts read the files whenever they connect. Tokens are there even while Secrets Manager is away.</summary>
    [Theory]
    [InlineData("replica.example", "passwords", "those before", "text of those before")]
    [InlineData("arn:redis", "redis", null, "text of those before")]
    [InlineData("arn:key", "token-key", null, "text of arn:redis\n")]
    public async Task Each_takes_the_place_of_the_one_before_as_a_whole_or_not_at_all(
        string refused,
        string file,
        string? passwords,
        string redis
    )
    {
        File.WriteAllText(At("etc/quickpay/region"), "ap-northeast-2\n");
        Directory.CreateDirectory(At("run/quickpay"));
        File.WriteAllText(At("run/quickpay/passwords"), "those before");
        File.WriteAllText(At("run/quickpay/redis"), "text of those before");
        File.WriteAllText(At("run/quickpay/token-key"), "text of those before");

        File.WriteAllText(At($"refuse {refused}"), "");
        Assert.NotEqual(0, (await BootAsync("secrets")).ExitCode);
        Assert.Contains("those before", Read($"run/quickpay/{file}"), Ordinal);
        Assert.Equal((passwords ?? Passwords, redis), (Read("run/quickpay/passwords"), Read("run/quickpay/redis")));

        File.Delete(At($"refuse {refused}"));
        Assert.Equal((0, ""), await BootAsync("secrets"));
        Assert.Equal(Passwords, Read("run/quickpay/passwords"));
        Assert.Equal(6, Directory.GetFiles(At("run/quickpay")).Length);
        Assert.DoesNotContain("Signature", Read("calls"), Ordinal);
    }

    /// <summary>Whoever starts a host that has ended waits for nobody; but not with those of an hour ago, nor with half of them.</summary>
    [Fact]
    public async Task A_start_right_after_the_last_one_asks_for_nothing()
    {
        File.WriteAllText(At("etc/quickpay/region"), "ap-northeast-2\n");
        File.WriteAllText(At("refuse arn:key"), "");
        Assert.NotEqual(0, (await BootAsync("secrets-at-start")).ExitCode);
        File.Delete(At("refuse arn:key"));
        Assert.Equal((0, ""), await BootAsync("secrets-at-start"));
        Assert.Equal("text of arn:key\n", Read("run/quickpay/token-key"));
        var calls = Read("calls");

        Assert.Equal((0, ""), await BootAsync("secrets-at-start"));
        Assert.Equal(calls, Read("calls"));

        File.SetLastWriteTimeUtc(At("run/quickpay/renewed"), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-7));
        Assert.Equal((0, ""), await BootAsync("secrets-at-start"));
        Assert.NotEqual(calls, Read("calls"));
    }

    /// <summary>Keys of tokens while one is being replaced, and while there is one alone: what CloudFormation made up before is none.</summary>
    [Fact]
    public async Task A_key_that_is_next_and_the_one_before_lie_beside_the_one_that_signs()
    {
        File.WriteAllText(At("etc/quickpay/region"), "ap-northeast-2\n");
        File.WriteAllText(At("AWSPREVIOUS of arn:key"), "made up\n");
        Assert.Equal((0, ""), await BootAsync("secrets"));
        Assert.Equal(("text of arn:key\n", "text of arn:key\n", "text of arn:key\n"), Keys());

        File.WriteAllText(At("AWSPREVIOUS of arn:key"), "-----BEGIN PRIVATE KEY----- before\n");
        File.WriteAllText(At("AWSPENDING of arn:key"), "-----BEGIN PRIVATE KEY----- next\n");
        Assert.Equal((0, ""), await BootAsync("secrets"));
        Assert.Equal(("-----BEGIN PRIVATE KEY----- before\n", "text of arn:key\n", "-----BEGIN PRIVATE KEY----- next\n"), Keys());

        (string, string, string) Keys() =>
            (Read("run/quickpay/token-key-before"), Read("run/quickpay/token-key"), Read("run/quickpay/token-key-next"));
    }

    [Theory]
    [InlineData("arn:redis", "redis")]
    [InlineData("arn:key", "token-key")]
    [InlineData("replica.example", "passwords")]
    public async Task Without_one_of_its_secrets_a_host_does_not_start(string refused, string file)
    {
        File.WriteAllText(At("etc/quickpay/region"), "ap-northeast-2\n");
        File.WriteAllText(At($"refuse {refused}"), "");

        Assert.NotEqual(0, (await BootAsync("secrets")).ExitCode);

        Assert.False(File.Exists(At("run/quickpay", file)));
        Assert.DoesNotContain(Directory.GetFiles(At("run/quickpay")), left => Path.GetFileName(left).StartsWith($"{file}.", Ordinal));
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

    /// <summary>In libpq's form a password's colons and backslashes have one in front.</summary>
    private const string Passwords = """
        primary.example:5432:quickpay:qp_api:primary.example\:5432/?DBUser=qp_api&Signature=a\\b%2F
        replica.example:5432:quickpay:qp_stats:replica.example\:5432/?DBUser=qp_stats&Signature=a\\b%2F

        """;

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
