using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>What the processes' database roles cannot do, whatever runs in them.</summary>
public sealed class RolesTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private string _month = "";

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _month = await _database.AskAsync<string>("SELECT 'transfers_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')");
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public Task Neither_role_changes_what_was_posted() =>
        EachIsRefusedAsync(
            [_database.Api, _database.Worker],
            [
                "UPDATE transfers SET amount = 1",
                "DELETE FROM transfers",
                "TRUNCATE transfers",
                $"SELECT FROM {_month}",
                $"UPDATE {_month} SET amount = 1",
                $"DELETE FROM {_month}",
                $"INSERT INTO {_month} SELECT * FROM transfers",
                "UPDATE ledger_batches SET transfers = 0",
                "DELETE FROM ledger_batches",
                "UPDATE idempotency_keys SET outcome_id = outcome_id",
                "UPDATE refusals SET code = 0",
                "ALTER TABLE transfers DISABLE TRIGGER ALL",
                "SET session_replication_role = replica",
            ]
        );

    [Fact]
    public Task Neither_role_changes_whose_an_account_is_or_what_it_may() =>
        EachIsRefusedAsync(
            [_database.Api, _database.Worker],
            [
                "UPDATE accounts SET owner_id = owner_id",
                "DELETE FROM accounts",
                "UPDATE balances SET floor = -1",
                "UPDATE balances SET tier = 9",
                "UPDATE balances SET status = 1",
                "UPDATE balances SET owner_id = owner_id",
                "UPDATE balances SET currency = 840",
                "DELETE FROM balances",
                "TRUNCATE balances",
                "UPDATE holds SET amount = 1",
                "UPDATE holds SET debit_account = credit_account",
            ]
        );

    [Fact]
    public Task Neither_role_changes_the_schema_or_becomes_another() =>
        EachIsRefusedAsync(
            [_database.Api, _database.Worker],
            [
                "CREATE TABLE mine (n int)",
                "CREATE TEMP TABLE mine (n int)",
                "CREATE SCHEMA mine",
                "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE EXTENSION pgcrypto",
                "ALTER TABLE balances DROP CONSTRAINT balances_available",
                "DROP TABLE holds",
                "SELECT FROM schema_versions",
                "INSERT INTO schema_versions (scriptname, applied) VALUES ('x', now())",
                "SET ROLE qp_migrator",
                "SET ROLE postgres",
                "CREATE ROLE mine",
                "SELECT FROM pg_authid",
                "SELECT pg_read_file('postgresql.conf')",
                "COPY accounts TO PROGRAM 'cat'",
                "COPY accounts TO '/tmp/accounts'",
                "SELECT pg_promote()",
            ]
        );

    [Fact]
    public Task The_api_forgets_no_keys_reconciles_nothing_makes_no_months_and_cannot_set_a_password() =>
        EachIsRefusedAsync(
            [_database.Api],
            [
                "DELETE FROM idempotency_keys",
                "DELETE FROM refusals",
                "SELECT FROM reconciliations",
                "INSERT INTO reconciliations (started_at, finished_at, accounts, discrepancies) VALUES (now(), now(), 0, '{}')",
                "SELECT make_transfer_months(1)",
                "UPDATE credentials SET hash = hash",
                "DELETE FROM credentials",
                "UPDATE members SET phone = phone",
                "DELETE FROM members",
            ]
        );

    [Fact]
    public async Task The_api_writes_no_rates_and_nobody_takes_some_away_or_gives_them_to_another_day()
    {
        await EachIsRefusedAsync(
            [_database.Api],
            [
                "INSERT INTO exchange_rates VALUES ('ecb', '2026-11-20', 'EUR', '{}', now(), now())",
                "UPDATE exchange_rates SET rates = '{}'",
                "UPDATE exchange_rates SET fresh_until = 'infinity'",
            ]
        );
        await EachIsRefusedAsync(
            [_database.Api, _database.Worker],
            [
                "DELETE FROM exchange_rates",
                "TRUNCATE exchange_rates",
                "UPDATE exchange_rates SET as_of = '2099-01-01'",
                "UPDATE exchange_rates SET source = 'ecb'",
            ]
        );
    }

    [Fact]
    public Task The_worker_sees_no_members_and_opens_no_accounts() =>
        EachIsRefusedAsync(
            [_database.Worker],
            [
                "SELECT FROM members",
                "SELECT FROM credentials",
                "INSERT INTO accounts SELECT * FROM accounts",
                "INSERT INTO balances SELECT * FROM balances",
                "SELECT nextval('account_numbers')",
                "UPDATE reconciliations SET discrepancies = '{}'",
                "DELETE FROM reconciliations",
            ]
        );

    [Fact]
    public async Task Statistics_see_no_person_no_memo_no_balance_and_write_nothing_even_where_they_may_read()
    {
        string[] writes =
        [
            "INSERT INTO statistics_days VALUES ('2026-11-20', 0)",
            "UPDATE statistics_hours SET postings = 0",
            "DELETE FROM statistics_account_months",
            "INSERT INTO transfers SELECT * FROM transfers",
            "DELETE FROM transfers",
            "UPDATE accounts SET owner_id = owner_id",
        ];
        await EachIsRefusedAsync(
            [_database.Statistics],
            [
                "SELECT FROM members",
                "SELECT FROM credentials",
                "SELECT FROM operators",
                "SELECT FROM balances",
                "SELECT FROM holds",
                "SELECT FROM idempotency_keys",
                "SELECT memo FROM transfers",
                "SELECT debit_balance FROM transfers",
                "SELECT * FROM transfers",
                "SELECT number FROM accounts",
                "SELECT FROM statistics_hour_accounts",
                "SELECT make_transfer_months(1)",
                "SET ROLE qp_api",
            ]
        );
        await EachIsRefusedAsync([_database.Statistics], writes, PostgresErrorCodes.ReadOnlySqlTransaction);
        // It may say that it wants to write; the rights to do so are missing all the same.
        await EachIsRefusedAsync([_database.Statistics], [.. writes.Select(write => $"BEGIN READ WRITE; {write}")]);
    }

    [Fact]
    public async Task Operators_are_made_by_neither_role_and_seen_by_the_api_alone()
    {
        await EachIsRefusedAsync(
            [_database.Api, _database.Worker],
            [
                "INSERT INTO operators SELECT * FROM operators",
                "DELETE FROM operators",
                "UPDATE operators SET hash = hash",
                "UPDATE operators SET disabled_at = NULL",
                "UPDATE operators SET name = 'x'",
            ]
        );
        await EachIsRefusedAsync([_database.Worker], ["SELECT FROM operators"]);
        await EachIsRefusedAsync(
            [_database.Api],
            ["INSERT INTO statistics_days VALUES ('2026-11-20', 0)", "DELETE FROM statistics_hours", "SELECT FROM statistics_accounts"]
        );
    }

    private static async Task EachIsRefusedAsync(
        PostgresConnection[] roles,
        string[] statements,
        string refusedAs = PostgresErrorCodes.InsufficientPrivilege
    )
    {
        foreach (var role in roles)
        {
            await using var source = NpgsqlDataSource.Create(role.ConnectionString);
            foreach (var statement in statements)
            {
                var refusal = await Record.ExceptionAsync(() => source.DoAsync(statement)) as PostgresException;
                Assert.True(
                    refusal?.SqlState == refusedAs,
                    $"{role.Username} was not refused: {statement} ({refusal?.Message ?? "it worked"})"
                );
            }
        }
    }
}
