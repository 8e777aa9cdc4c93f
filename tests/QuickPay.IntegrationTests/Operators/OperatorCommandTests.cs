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

        await using var api = new Api(servers);
        Assert.Equal(LoginOutcome.Ok, await api.LogInAsync("park", Password));

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
        Assert.Equal(LoginOutcome.Wrong, await api.LogInAsync("park", Password));
        Assert.Matches("^park  since .*  disabled .*Z\n$", (await RunAsync(servers, "", "list")).Output);
    }

    [Fact]
    public async Task An_operator_whom_somebody_has_locked_out_is_let_in_again()
    {
        await using var servers = await TestServers.StartOwnAsync(Cancellation);
        await using var api = new Api(servers);
        foreach (var name in (string[])["choi", "park"])
        {
            Assert.Equal(0, (await RunAsync(servers, Password, "add", name, "--password-stdin")).Exit);
        }
        for (var n = 0; n < 5; n++)
        {
            Assert.Equal(LoginOutcome.Wrong, await api.LogInAsync("park", "wrong horse battery"));
        }
        Assert.Equal(LoginOutcome.Locked, await api.LogInAsync("park", Password));
        var until = await api.Source.AskAsync<string>(
            """SELECT to_char(locked_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') FROM operators WHERE name = 'park'"""
        );
        Assert.Matches($"^choi .* active\npark .* locked until {until}\n$", (await RunAsync(servers, "", "list")).Output);

        Assert.Equal((0, "", "Unlocked park"), await RunAsync(servers, "", "unlock", "park"));

        Assert.Matches("^choi .* active\npark .* active\n$", (await RunAsync(servers, "", "list")).Output);
        // The count begins anew: one wrong try more does not lock.
        Assert.Equal(LoginOutcome.Wrong, await api.LogInAsync("park", "wrong horse battery"));
        Assert.Equal(LoginOutcome.Ok, await api.LogInAsync("park", Password));
        // Once more harms nothing, so that a doubtful one can be repeated.
        Assert.Equal((0, "", "Unlocked park"), await RunAsync(servers, "", "unlock", "park"));

        Assert.Equal((2, "", "There is no operator lee who is not disabled."), await RunAsync(servers, "", "unlock", "lee"));
        Assert.Equal(0, (await RunAsync(servers, "", "disable", "choi")).Exit);
        Assert.Equal((2, "", "There is no operator choi who is not disabled."), await RunAsync(servers, "", "unlock", "choi"));
        var (exit, help, _) = await RunAsync(servers, "", "unlock", "--help");
        Assert.Equal(0, exit);
        Assert.Contains("Let in again an operator", help, StringComparison.Ordinal);
    }

    /// <summary>PostgreSQL says that it was a success, however the wait for the standby is cut short; whoever asked must not be told so.</summary>
    [Fact]
    public async Task A_change_that_no_standby_has_is_told_as_a_doubtful_one()
    {
        await using var servers = await TestServers.StartOwnAsync(Cancellation);
        await using var api = new Api(servers);
        var database = new TestDatabase(servers, PostgresServer.DefaultDatabase);
        var standby = new MissingStandby(database);
        await standby.NeedAsync();

        foreach (
            var (command, done) in ((string[] Command, string Done)[])
                [(["add", "park", "--password-stdin"], "Added"), (["unlock", "park"], "Unlocked"), (["disable", "park"], "Disabled")]
        )
        {
            var (exit, output, errors) = await CutShortAsync(database, RunAsync(servers, Password, command));
            Assert.Equal((1, ""), (exit, output));
            Assert.Equal(
                $"{done} park, but no standby has confirmed it: a failover may undo it. When one is back: ./quickpay operator list",
                errors
            );
        }

        await standby.NeedNoneAsync();
        // There was no failover; so it was all done, as far as it goes.
        Assert.Matches("^park .* disabled .*Z\n$", (await RunAsync(servers, "", "list")).Output);
    }

    private static async Task<T> CutShortAsync<T>(TestDatabase database, Task<T> running)
    {
        var superuser = new Superuser(database);
        long waited = 0;
        await Eventually.IsTrueAsync(
            async () =>
            {
                waited += await superuser.AskAsync<long>(
                    $"SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE usename = '{PostgresRoles.Migrator}' AND wait_event = 'SyncRep'"
                );
                return running.IsCompleted;
            },
            "the command ends"
        );
        Assert.True(waited > 0);
        return await running;
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

    /// <summary>The API, which looks with its own role and key.</summary>
    private sealed class Api : IAsyncDisposable
    {
        private readonly SlowHashPool _pool = new(Options.Create(new SlowHashOptions()));
        private readonly OperatorPasswords _passwords;

        public Api(LocalServers servers)
        {
            Source = NpgsqlDataSource.Create(servers.Postgres.Connection(PostgresRoles.Api).ConnectionString);
            var keys = new PersonalDataKeys(Options.Create(new PersonalDataOptions { KeyFile = servers.PersonalDataKeyFile }));
            _passwords = new OperatorPasswords(Source, keys, _pool);
        }

        public NpgsqlDataSource Source { get; }

        public async Task<LoginOutcome> LogInAsync(string name, string password) =>
            (await _passwords.CheckAsync(name, password, Cancellation)).Outcome;

        public ValueTask DisposeAsync()
        {
            _pool.Dispose();
            return Source.DisposeAsync();
        }
    }
}
