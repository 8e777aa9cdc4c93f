using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Members;
using QuickPay.Operators;

namespace QuickPay.IntegrationTests.Operators;

/// <summary>`./quickpay operator …`.</summary>
public sealed class OperatorCommandTests
{
    private const string Password = "correct horse battery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_is_added_listed_and_disabled()
    {
        await using var servers = await TestServers.StartOwnAsync(Cancellation);
        Assert.Equal((0, "", "Added park"), await RunAsync(servers, Password, "add", "park", "--password-stdin"));

        // The API, which looks with its own role and key, knows them by that password.
        await using var api = NpgsqlDataSource.Create(servers.Postgres.Connection(PostgresRoles.Api).ConnectionString);
        var keys = new PersonalDataKeys(Options.Create(new PersonalDataOptions { KeyFile = servers.PersonalDataKeyFile }));
        using var pool = new SlowHashPool(Options.Create(new SlowHashOptions()));
        var passwords = new OperatorPasswords(api, keys, pool);
        Assert.Equal(LoginOutcome.Ok, (await passwords.CheckAsync("park", Password, Cancellation)).Outcome);

        Assert.Equal(2, (await RunAsync(servers, Password, "add", "park", "--password-stdin")).Exit);
        Assert.Equal(2, (await RunAsync(servers, Password, "add", "Park Ji", "--password-stdin")).Exit);
        Assert.Equal(2, (await RunAsync(servers, "short", "add", "choi", "--password-stdin")).Exit);
        // Nobody looks at this terminal: it is none.
        var (exit, output, errors) = await RunAsync(servers, "", "add", "choi");
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("--password-stdin", errors, StringComparison.Ordinal);
        Assert.Matches("^park  since .* active\n$", (await RunAsync(servers, "", "list")).Output);

        Assert.Equal((0, "", "Disabled park"), await RunAsync(servers, "", "disable", "park"));
        Assert.Equal(2, (await RunAsync(servers, "", "disable", "park")).Exit);
        Assert.Equal(LoginOutcome.Wrong, (await passwords.CheckAsync("park", Password, Cancellation)).Outcome);
        Assert.Matches("^park  since .*  disabled .*Z\n$", (await RunAsync(servers, "", "list")).Output);
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(
        LocalServers servers,
        string input,
        params string[] arguments
    )
    {
        await using var command = RunningCommand.Start(["operator", .. arguments, "--data", servers.Data.Root]);
        await command.IsToldAsync(input);
        var output = await command.OutputAsync(Cancellation);
        var exit = await command.ExitAsync(Cancellation);
        return (exit, output, command.Errors.Replace("quickpay: ", "", StringComparison.Ordinal).Trim());
    }
}
