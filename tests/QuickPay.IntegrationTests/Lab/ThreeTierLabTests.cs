using System.Text.Json;
using Npgsql;
using QuickPay.Cli.Lab;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Local;
using QuickPay.IntegrationTests.Support;
using Spectre.Console;

namespace QuickPay.IntegrationTests.Lab;

/// <summary>`./quickpay lab three-tier`: every step holds, and each kind of step notices when its promise is broken.</summary>
public sealed class ThreeTierLabTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_step_holds()
    {
        await using var lab = RunningCommand.Start("lab", "three-tier", "--json");
        var output = await lab.OutputAsync(Cancellation);
        var exitCode = await lab.ExitAsync(Cancellation);

        Assert.True(exitCode == 0, lab.Errors);
        using var json = JsonDocument.Parse(output);
        var steps = json.RootElement.EnumerateArray().ToList();
        Assert.All(steps, step => Assert.True(step.GetProperty("held").GetBoolean(), $"{step}"));
        Assert.Equal(
            ["edge", "api", "postgres", "redis", "transfer"],
            steps.Select(step => step.GetProperty("tier").GetString()!).Distinct()
        );
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task A_promise_that_is_broken_on_purpose_is_found_broken()
    {
        await using var stack = await ThreeTierLab.StartAsync(_ => { }, TimeProvider.System, Cancellation);
        var (postgres, redis) = (stack.Servers.Postgres, stack.Servers.Redis);
        await using var owner = NpgsqlDataSource.Create(postgres.Connection(PostgresRoles.Migrator).ConnectionString);
        await using var superuser = NpgsqlDataSource.Create(postgres.SuperuserConnectionString());

        // Rules that let every role in, from everywhere, without a password.
        var rules = Path.Combine(stack.Servers.Data.Servers, "postgres", "pg_hba.conf");
        await File.WriteAllTextAsync(rules, "local all all peer map=owner\nhost all all 127.0.0.0/8 trust\n", Cancellation);
        await superuser.ExecuteAsync("SELECT pg_reload_conf()", Cancellation);
        await Eventually.IsTrueAsync(
            async () =>
                await BrokenAsync(report => new PostgresTier(postgres, report).CheckAsync(Cancellation))
                    is [
                        "Without TLS it is refused",
                        "With a wrong password it is refused",
                        "The superuser is refused over the network",
                        "A database that is not QuickPay's is refused",
                        "From another address (127.0.0.2) it is refused before a password is asked for",
                    ],
            "PostgreSQL goes by the new rules, and the lab sees it"
        );

        await owner.ExecuteAsync("GRANT UPDATE ON transfers TO qp_api", Cancellation);
        Assert.Contains(
            "The API's role can neither change a transfer nor make a table",
            await BrokenAsync(report => new PostgresTier(postgres, report).CheckAsync(Cancellation))
        );

        var admin = redis.Connection(RedisUsers.Admin);
        await RedisProbe.AskAsync(
            admin,
            [RedisProbe.LogIn(admin), "ACL SETUSER qp_api +config nopass", "ACL SETUSER default on nopass"],
            Cancellation
        );
        Assert.Equal(
            [
                "Without a password it refuses",
                "With a wrong password it refuses",
                "The default user cannot log in",
                "The API's user can neither administer nor touch what is not its own",
            ],
            await BrokenAsync(report => new RedisTier(redis, report).CheckAsync(Cancellation))
        );
    }

    /// <summary>The promises that a tier's steps find broken.</summary>
    private static async Task<string[]> BrokenAsync(Func<LabReport, Task> check)
    {
        await using var nowhere = new StringWriter();
        var report = new LabReport(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(nowhere) }));
        await check(report);
        return [.. report.Steps.Where(step => !step.Held).Select(step => step.Promise)];
    }
}
