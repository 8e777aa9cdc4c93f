using System.Diagnostics;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>The step of the promotion that waits for its end, run with answers of RDS that are made up.</summary>
public sealed class AwaitPrimaryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("quickpay-promotion-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_replica_that_says_it_is_available_is_not_yet_a_primary()
    {
        var (exitCode, said) = await RunAsync(("available", true), ("modifying", true), ("rebooting", false), ("available", false));

        Assert.True(exitCode == 0, said);
        Assert.Equal("{'Status': 'available'} after 4", said);
    }

    [Fact]
    public async Task One_that_makes_its_first_backup_takes_writes()
    {
        var (exitCode, said) = await RunAsync(("available", true), ("modifying", false), ("backing-up", false), ("available", false));

        Assert.True(exitCode == 0, said);
        Assert.Equal("{'Status': 'backing-up'} after 3", said);
    }

    [Fact]
    public async Task One_that_stays_a_replica_is_a_failure_that_names_it()
    {
        var (exitCode, said) = await RunAsync(("available", true));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("quickpay-elsewhere has not become a primary: available", said, StringComparison.Ordinal);
    }

    /// <param name="answers">Status, and whether it is a replica; the last one again and again.</param>
    private async Task<(int ExitCode, string Said)> RunAsync(params (string Status, bool IsReplica)[] answers)
    {
        var step = Path.Combine(Programs.RepositoryRoot, "infra/QuickPay.Aws/Recovery/await-primary.py");
        File.Copy(step, Path.Combine(_folder, "step.py"));
        var list = string.Join(", ", answers.Select(answer => $"('{answer.Status}', {(answer.IsReplica ? "True" : "False")})"));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "boto3.py"),
            $$"""
            answers = [{{list}}]
            asked = 0
            class Rds:
                def describe_db_instances(self, DBInstanceIdentifier):
                    global asked
                    asked += 1
                    status, is_replica = answers[min(asked, len(answers)) - 1]
                    database = {"DBInstanceIdentifier": DBInstanceIdentifier, "DBInstanceStatus": status}
                    if is_replica:
                        database["ReadReplicaSourceDBInstanceIdentifier"] = "arn:first"
                    return {"DBInstances": [database]}
            def client(service):
                assert service == "rds"
                return Rds()
            """,
            TestContext.Current.CancellationToken
        );
        var start = new ProcessStartInfo("python3")
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-c",
                "import boto3, step; print(step.await_primary({'Database': 'quickpay-elsewhere', 'Seconds': 0, 'Looks': 9}, None), 'after', boto3.asked)",
            },
        };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var failed = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await said + await failed).Trim());
    }
}
