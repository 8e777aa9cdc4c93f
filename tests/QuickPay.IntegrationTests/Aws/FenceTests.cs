using System.Diagnostics;
using System.Text.Json;
using QuickPay.Cli.Aws.Checks;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>The step of the promotion that shuts the first region out, run with an AWS that is made up and notes what was called.</summary>
public sealed class FenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("quickpay-fence-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Members_name_and_the_database_are_shut_and_who_is_connected_is_thrown_out()
    {
        var (done, calls) = await RunAsync("");

        Assert.Equal(
            [
                "- route53 list_resource_record_sets",
                "- route53 update_health_check {'HealthCheckId': 'first', 'Disabled': True, 'Inverted': True}",
                "ap-northeast-2 rds describe_db_instances {'DBInstanceIdentifier': 'quickpay-prod'}",
                "ap-northeast-2 ec2 describe_security_groups {'GroupIds': ['sg-1']}",
                "ap-northeast-2 ec2 revoke_security_group_ingress {'GroupId': 'sg-1', 'IpPermissions': [{'FromPort': 5432}]}",
                "ap-northeast-2 rds reboot_db_instance {'DBInstanceIdentifier': 'quickpay-prod'}",
                "- sns publish",
            ],
            calls
        );
        Assert.Equal("fenced by the health check first", done.At("Name").GetString());
        // By which it can be opened again.
        Assert.Equal("""fenced; let in were {"sg-1": [{"FromPort": 5432}]}""", done.At("Database").GetString());
    }

    [Fact]
    public async Task A_region_that_is_lost_is_said_to_be_and_members_name_is_shut_all_the_same()
    {
        var (done, calls) = await RunAsync("describe_db_instances");

        Assert.Equal("fenced by the health check first", done.At("Name").GetString());
        Assert.StartsWith("NOT DONE: ", done.At("Database").GetString(), StringComparison.Ordinal);
        Assert.Equal("- sns publish", calls[^1]);
    }

    [Fact]
    public async Task A_name_that_cannot_be_shut_leaves_the_database_to_be()
    {
        var (done, calls) = await RunAsync("update_health_check");

        Assert.StartsWith("NOT DONE: ", done.At("Name").GetString(), StringComparison.Ordinal);
        Assert.Contains(calls, call => call.Contains("revoke_security_group_ingress", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_keeps_who_is_connected_is_not_said_to_be_shut()
    {
        var (done, _) = await RunAsync("reboot_db_instance");

        var said = done.At("Database").GetString();
        Assert.StartsWith("NOT DONE: ", said, StringComparison.Ordinal);
        Assert.Contains("who was connected still is", said, StringComparison.Ordinal);
        Assert.Contains("""{"sg-1": [{"FromPort": 5432}]}""", said, StringComparison.Ordinal);
    }

    /// <param name="fails">The call that the made-up AWS does not answer.</param>
    private async Task<(JsonElement Done, string[] Calls)> RunAsync(string fails)
    {
        File.Copy(Path.Combine(Programs.RepositoryRoot, "infra/QuickPay.Aws/Recovery/fence.py"), Path.Combine(_folder, "step.py"));
        Directory.CreateDirectory(Path.Combine(_folder, "botocore"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "botocore", "__init__.py"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "botocore", "config.py"),
            "class Config(dict):\n    pass\n",
            TestContext.Current.CancellationToken
        );
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "boto3.py"),
            $$"""
            calls = []
            answers = {
                "list_resource_record_sets": {"ResourceRecordSets": [
                    {"Name": "pay.example.com.", "Type": "A", "Failover": "SECONDARY", "HealthCheckId": "second"},
                    {"Name": "pay.example.com.", "Type": "A", "Failover": "PRIMARY", "HealthCheckId": "first"},
                ]},
                "describe_db_instances": {"DBInstances": [{"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]}]},
                "describe_security_groups": {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [{"FromPort": 5432}]}]},
            }
            class Client:
                def __init__(self, service, region):
                    self.name = f"{region} {service}"
                def __getattr__(self, call):
                    def answer(**arguments):
                        said = "" if call in ("list_resource_record_sets", "publish") else f" {arguments}"
                        calls.append(f"{self.name} {call}{said}")
                        if call == "{{fails}}":
                            raise Exception("nobody answers")
                        return answers.get(call, {})
                    return answer
            def client(service, region_name="-", config=None):
                # A region that is lost must not be waited for.
                assert config["connect_timeout"] <= 5 and config["read_timeout"] <= 10
                return Client(service, region_name)
            """,
            TestContext.Current.CancellationToken
        );
        var start = new ProcessStartInfo("python3")
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "-c",
                """
                    import boto3, json, step
                    asked = {"Domain": "Pay.example.com", "Zone": "Z1", "FirstRegion": "ap-northeast-2", "FirstDatabase": "quickpay-prod", "Topic": "arn:topic"}
                    print(json.dumps(step.fence(asked, None)))
                    print("\n".join(boto3.calls))
                    """,
            },
        };
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (JsonDocument.Parse(lines[0]).RootElement, lines[1..]);
    }
}
