using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>The function that sets up the database, as CloudFormation uses it.</summary>
public sealed class SetupTests(OwnServers servers) : SetupTest(servers)
{
    [Fact]
    public async Task An_empty_database_gets_its_roles_its_schema_and_its_keys()
    {
        Assert.False(await Database.AskAsync<bool>($"SELECT rolsuper FROM pg_roles WHERE rolname = '{RdsDatabase.Owner}'"));

        var answer = (await RunAsync()).ShouldBeSuccess();

        Assert.Equal(FakeStack.PhysicalId, answer.PhysicalId);
        Assert.NotEqual("0", answer.Data["Migrations"]);
        await ShouldBeSetUpAsync();
    }

    [Fact]
    public async Task The_same_again_changes_nothing()
    {
        await using var process = await StartAsync();
        (await RunAsync(process)).ShouldBeSuccess();
        var (token, personal) = (Secrets.TextOf(TokenKey), Secrets.TextOf(PersonalDataKey));

        var inTheSameProcess = (await RunAsync(process, "Update", FakeStack.PhysicalId)).ShouldBeSuccess();
        var inAnother = (await RunAsync("Update", "an-older-id")).ShouldBeSuccess();

        Assert.Equal(("0", FakeStack.PhysicalId), (inTheSameProcess.Data["Migrations"], inTheSameProcess.PhysicalId));
        Assert.Equal(("0", "an-older-id"), (inAnother.Data["Migrations"], inAnother.PhysicalId));
        Assert.Equal((token, personal), (Secrets.TextOf(TokenKey), Secrets.TextOf(PersonalDataKey)));
        Assert.Equal(2, Secrets.Puts);
        await ShouldBeSetUpAsync();
    }

    /// <summary>Two that an owner may make, who is no superuser; RDS lets its owner make pgaudit as well.</summary>
    [Fact]
    public async Task What_the_server_has_loaded_is_made_in_the_database()
    {
        Variables["QUICKPAY_EXTENSIONS"] = "pg_trgm,uuid-ossp";

        (await RunAsync()).ShouldBeSuccess();
        (await RunAsync("Update", FakeStack.PhysicalId)).ShouldBeSuccess();

        Assert.Equal(
            "pg_trgm,uuid-ossp",
            await Database.AskAsync<string>(
                "SELECT string_agg(extname::text, ',' ORDER BY extname) FROM pg_extension WHERE extname IN ('pg_trgm', 'uuid-ossp')"
            )
        );
        await ShouldBeSetUpAsync();
    }

    [Fact]
    public async Task One_that_the_server_does_not_have_is_a_failure_that_names_it()
    {
        Variables["QUICKPAY_EXTENSIONS"] = "not\"there";

        Assert.Contains("not\"there", (await RunAsync()).ShouldBeFailure(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_at_once_one_finds_all_done()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();

        var answers = await Task.WhenAll(RunAsync(one), RunAsync(other));

        Assert.Single(answers, answer => answer.ShouldBeSuccess().Data["Migrations"] != "0");
        Assert.Equal(2, Secrets.Puts);
        await ShouldBeSetUpAsync();
    }

    /// <summary>Nor has one that was made before, with passwords; the owner's opens the database until then.</summary>
    [Fact]
    public async Task From_then_on_nobody_logs_in_by_a_password()
    {
        await Database.AdministrateAsync($"CREATE ROLE {DatabaseRoles.Worker} LOGIN PASSWORD 'a-password-of-before-7c21'");
        await (await Database.LogInAsync(RdsDatabase.Owner, RdsDatabase.OwnerPassword)).DisposeAsync();

        (await RunAsync()).ShouldBeSuccess();

        foreach (
            var (role, password) in new[]
            {
                (RdsDatabase.Owner, RdsDatabase.OwnerPassword),
                (DatabaseRoles.Worker, "a-password-of-before-7c21"),
                (DatabaseRoles.Api, "any-3d40"),
            }
        )
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Database.LogInAsync(role, password));
            Assert.Equal(PostgresErrorCodes.InvalidAuthorizationSpecification, refused.SqlState);
        }
        Assert.Equal(
            0L,
            await Database.AskAsync<long>(
                $"SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL AND rolname IN ('{string.Join("', '", DatabaseRoles.All)}')"
            )
        );
        await ShouldBeSetUpAsync();
    }

    /// <summary>Whoever has the owner's secret has nothing.</summary>
    [Fact]
    public async Task The_owners_password_is_needed_once()
    {
        (await RunAsync()).ShouldBeSuccess();
        Secrets.Put("owner", $$"""{"username":"{{RdsDatabase.Owner}}","password":"not-the-owners-1b7e"}""");

        (await RunAsync("Update", FakeStack.PhysicalId)).ShouldBeSuccess();

        Assert.Contains((RdsDatabase.Owner, (string?)null), Rds.Asked);
        await ShouldBeSetUpAsync();
    }

    /// <summary>And is not tried by a password afterwards.</summary>
    [Theory]
    [InlineData(DatabaseRoles.Migrator, "Create")]
    [InlineData(RdsDatabase.Owner, "Update")]
    public async Task Whom_the_functions_rights_do_not_name_is_refused_and_said_to_be(string role, string type)
    {
        if (type == "Update")
        {
            (await RunAsync()).ShouldBeSuccess();
        }
        Rds.MayLogIn.Remove(role);

        var reason = (await RunAsync(type)).ShouldBeFailure();

        Assert.Contains(PostgresErrorCodes.InvalidAuthorizationSpecification, reason, StringComparison.Ordinal);
        Assert.Contains((role, "its signer may not log in as that"), Rds.Asked);
        Rds.MayLogIn.Add(role);
        (await RunAsync("Update", FakeStack.PhysicalId)).ShouldBeSuccess();
        await ShouldBeSetUpAsync();
    }

    [Fact]
    public async Task An_owner_who_is_not_let_in_is_a_failure_that_says_so()
    {
        Secrets.Put("owner", $$"""{"username":"{{RdsDatabase.Owner}}","password":"not-the-owners-1b7e"}""");

        var reason = (await RunAsync()).ShouldBeFailure();

        Assert.Contains("28P01", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-owners-1b7e", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not-json-91bd")]
    [InlineData("""{"username":"quickpay_owner","pass":"pass-77e1"}""")]
    [InlineData("[\"list-8d01\"]")]
    public async Task An_owners_secret_of_another_form_is_a_failure_that_does_not_quote_it(string secret)
    {
        Secrets.Put("owner", secret);

        Assert.Contains("owner's secret", (await RunAsync()).ShouldBeFailure(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_fails_is_named_and_is_run_when_nothing_is_in_its_way()
    {
        await Database.AdministrateAsync("CREATE TABLE holds (in_the_way integer)");

        var reason = (await RunAsync()).ShouldBeFailure();

        Assert.Contains("0001_ledger.sql", reason, StringComparison.Ordinal);
        Assert.Contains("holds", reason, StringComparison.Ordinal);
        Assert.Equal(0, Secrets.Puts);
        await Database.AdministrateAsync("DROP TABLE holds");
        (await RunAsync()).ShouldBeSuccess();
        await ShouldBeSetUpAsync();
    }

    [Fact]
    public async Task A_role_that_could_do_anything_is_a_failure()
    {
        await Database.AdministrateAsync($"CREATE ROLE {DatabaseRoles.Api} SUPERUSER");

        Assert.Contains("42501", (await RunAsync()).ShouldBeFailure(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_is_missing_is_a_failure_that_names_it()
    {
        Variables.Remove("QUICKPAY_OWNER_SECRET");

        Assert.Contains("QUICKPAY_OWNER_SECRET", (await RunAsync()).ShouldBeFailure(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_touches_nothing_and_succeeds_without_a_database()
    {
        Variables["Postgres__Hosts"] = "127.0.0.1:1";

        var answer = (await RunAsync("Delete", "an-older-id")).ShouldBeSuccess();

        Assert.Equal(("an-older-id", 0), (answer.PhysicalId, Secrets.Calls));
        Assert.Contains("SocketException", (await RunAsync()).ShouldBeFailure(), StringComparison.Ordinal);
        Assert.Contains("RequestType", (await RunAsync("Read")).ShouldBeFailure(), StringComparison.Ordinal);
    }

    /// <summary>Nobody can be answered; the next one can.</summary>
    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("""{"RequestType":"Create"}""")]
    [InlineData("""{"RequestType":"Create","ResponseURL":"not/an/address","StackId":"1","RequestId":"2","LogicalResourceId":"3"}""")]
    [InlineData("""{"RequestType":"Create","ResponseURL":"http://192.0.2.1/","StackId":"1","RequestId":"2","LogicalResourceId":"3"}""")]
    public async Task A_poisoned_event_fails_and_the_next_does_not(string poisoned)
    {
        await using var process = await StartAsync();

        var outcome = await process.InvokeAsync(poisoned);

        Assert.Equal("Function.FunctionException", outcome.ErrorType);
        Assert.StartsWith("The event", outcome.ErrorMessage, StringComparison.Ordinal);
        (await RunAsync(process, "Delete")).ShouldBeSuccess();
    }

    [Fact]
    public async Task Who_is_not_done_in_time_says_so_in_time_and_lets_go()
    {
        // Somebody else is at it, and does not end.
        await using var other = await Database.HoldAsync();
        await other.DoAsync("SELECT pg_advisory_lock(7205759403792899)");
        await using var process = await StartAsync();
        var (id, body) = Stack.Event("Create");

        var outcome = await process.InvokeAsync(body, TimeSpan.FromSeconds(9));

        Assert.True(outcome.IsDone);
        Assert.Contains("longer than the function may", Stack.AnswerTo(id).ShouldBeFailure(), StringComparison.Ordinal);
        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains("was up", await process.ErrorsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_not_taken_is_sent_again_and_in_the_end_fails_the_event()
    {
        await using var process = await StartAsync();
        Stack.RefusesNext = 2;
        (await RunAsync(process, "Delete")).ShouldBeSuccess();
        Stack.RefusesNext = 100;
        var (id, body) = Stack.Event("Delete");

        var outcome = await process.InvokeAsync(body);

        Assert.Contains("503", outcome.ErrorMessage, StringComparison.Ordinal);
        Assert.False(Stack.IsAnswered(id));
        ShouldNameNoSecret(process.Said + outcome.ErrorMessage);
    }
}
