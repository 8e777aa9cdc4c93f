using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>The transfers' months: all there, each taking its own rows, and only those that matter being read.</summary>
public sealed class PartitionTests(TestServers servers) : IAsyncLifetime
{
    private const string Insert = """
        INSERT INTO transfers (id, debit_account, credit_account, amount, debit_balance, debit_held, debit_version,
                               credit_balance, credit_held, credit_version, batch_id, created_at, kind, currency)
        """;

    // Enough rows in three months, and accounts, for the planner to see what an index is for; months to come stay empty.
    private const string Fill = $"""
        INSERT INTO accounts SELECT uuid_v7_floor('epoch'::timestamptz + n * interval '1 s'), (10000000000 + n)::text,
               uuid_v7_floor('epoch'::timestamptz + n * interval '1 s'), 1, 410, now() FROM generate_series(1, 20000) n;
        {Insert}
        SELECT uuid_v7_floor(at), uuid_v7_floor('epoch'::timestamptz + (1 + n % 200) * interval '1 s'),
               uuid_v7_floor('epoch'::timestamptz + (1001 + n % 300) * interval '1 s'), 1, 0, 0, n, 0, 0, n, 1, at, 1, 410
        FROM generate_series(1, 45000) n, LATERAL (
            SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + ((n - 1) / 15000 - 1) * interval '1 month'
                   + n % 15000 * interval '2 min' AS at) t;
        INSERT INTO balances SELECT id, owner_id, 0, 0, 0, 0, 0, '1970-01-01', 1, 1, 410 FROM accounts WHERE number > '10000000000'
        ON CONFLICT DO NOTHING;
        ANALYZE accounts, balances;
        """;

    private TestDatabase _database = null!;
    private NpgsqlDataSource _owner = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _owner = NpgsqlDataSource.Create(_database.Migrator.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _owner.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task The_months_from_the_last_to_12_ahead_follow_each_other_without_a_gap_and_nothing_catches_the_rest()
    {
        Assert.Equal(0u, await _owner.AskAsync<uint>("SELECT partdefid FROM pg_partitioned_table WHERE partrelid = 'transfers'::regclass"));
        var made = await _owner.ListAsync(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'transfers'::regclass ORDER BY 1"
        );
        var expected = await _owner.ListAsync(
            "SELECT to_char(now() AT TIME ZONE 'UTC' + make_interval(months => n), '\"transfers_\"YYYY_MM') FROM generate_series(-1, 12) n ORDER BY 1"
        );
        Assert.Equal(expected, made);
        Assert.Empty(
            await _owner.ListAsync(
                """
                WITH bounds AS (
                    SELECT (regexp_match(pg_get_expr(relpartbound, oid), 'FROM \(''(.+?)''\)'))[1]::uuid AS low,
                           (regexp_match(pg_get_expr(relpartbound, oid), 'TO \(''(.+?)''\)'))[1]::uuid AS high
                    FROM pg_class JOIN pg_inherits ON inhrelid = oid WHERE inhparent = 'transfers'::regclass
                ), pairs AS (SELECT high, lead(low) OVER (ORDER BY low) AS next FROM bounds)
                SELECT high::text FROM pairs WHERE next <> high
                """
            )
        );
    }

    [Fact]
    public async Task Each_month_takes_its_first_and_its_last_id_and_has_the_indexes_and_the_guard()
    {
        await using var api = NpgsqlDataSource.Create(_database.Api.ConnectionString);
        await using var connection = await api.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var inserted = await connection.DoAsync(
            $"""
            WITH months AS (
                SELECT n, date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n) AS month FROM generate_series(-1, 12) n
            ), ids AS (
                SELECT n, uuid_v7_floor(month AT TIME ZONE 'UTC') AS id FROM months
                UNION ALL
                SELECT n, overlay(uuid_v7_floor((month + interval '1 month') AT TIME ZONE 'UTC' - interval '1 ms')::text
                          PLACING 'ffff-ffff-ffffffffffff' FROM 15)::uuid FROM months
            )
            {Insert} SELECT id, uuid_v7_floor('epoch'), uuid_v7_floor('2000-01-01'), 1, 0, 0, row_number() OVER (ORDER BY id), 0, 0,
                            row_number() OVER (ORDER BY id), 1, now(), 1, 410 FROM ids
            """
        );
        Assert.Equal(28, inserted);
        const string fullMonths = "SELECT count(*) FROM (SELECT tableoid FROM transfers GROUP BY 1 HAVING count(*) = 2) months";
        Assert.Equal(14, await connection.AskAsync<long>(fullMonths));
        await transaction.RollbackAsync(Cancellation);

        Assert.Empty(
            await _owner.ListAsync(
                """
                SELECT inhrelid::regclass::text FROM pg_inherits i WHERE inhparent = 'transfers'::regclass AND (
                    NOT EXISTS (SELECT FROM pg_indexes x WHERE x.tablename = inhrelid::regclass::text AND indexdef LIKE 'CREATE UNIQUE%(debit_account, debit_version)%')
                    OR NOT EXISTS (SELECT FROM pg_indexes x WHERE x.tablename = inhrelid::regclass::text AND indexdef LIKE 'CREATE UNIQUE%(credit_account, credit_version)%')
                    OR NOT EXISTS (SELECT FROM pg_indexes x WHERE x.tablename = inhrelid::regclass::text AND indexdef LIKE '%USING brin (created_at)%')
                    OR NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = inhrelid AND tgname = 'transfers_are_immutable'))
                """
            )
        );
    }

    [Fact]
    public async Task An_id_of_no_month_is_refused_instead_of_lost()
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() =>
            _owner.DoAsync(
                $"{Insert} VALUES (uuid_v7_floor(now() + interval '20 months'), uuid_v7_floor('epoch'), uuid_v7_floor('2000-01-01'), 1, 0, 0, 1, 0, 0, 1, 1, now(), 1, 410)"
            )
        );
        Assert.Equal(PostgresErrorCodes.CheckViolation, refusal.SqlState);
    }

    [Theory]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task Looking_up_and_reading_histories_goes_by_index_through_the_months_that_matter(string plans)
    {
        await _owner.DoAsync(Fill);
        var months = await _owner.ListAsync(
            "SELECT to_char(now() AT TIME ZONE 'UTC' + make_interval(months => n), '\"transfers_\"YYYY_MM') FROM generate_series(-1, 1) n"
        );
        foreach (var month in months)
        {
            await _owner.DoAsync($"ANALYZE {month}");
        }
        const string account = "uuid_v7_floor('epoch'::timestamptz + interval '7 s')";
        await using var connection = await _owner.OpenConnectionAsync(Cancellation);
        await connection.DoAsync(
            $"""
            SET plan_cache_mode = {plans};
            PREPARE look_up (uuid, uuid) AS {TransferReader.GetSql};
            PREPARE newest (uuid, bigint, int) AS {HistorySql.Of(new HistoryQuery(Guid.Empty, 21))};
            PREPARE period (uuid, bigint, int, timestamptz, timestamptz) AS {HistorySql.Of(
                new HistoryQuery(Guid.Empty, 21) { From = DateTime.UnixEpoch, To = DateTime.UnixEpoch }
            )}
            """
        );

        var lookUp = await ExplainAsync(
            connection,
            "look_up (uuid_v7_floor(date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '240 s'), uuid_v7_floor('epoch'))"
        );
        ShouldGoByIndex(lookUp, months);
        Assert.Single(MonthsOf(lookUp, " t"));

        var newest = await ExplainAsync(connection, $"newest ({account}, 9223372036854775807, 21)");
        ShouldGoByIndex(newest, months);
        // Nothing is sorted: each month's index already has the order.
        Assert.Contains("Index Scan Backward using " + months[1] + "_debit", newest, StringComparison.Ordinal);

        var ofAMonth = await ExplainAsync(
            connection,
            $"period ({account}, 9223372036854775807, 21, date_trunc('month', now()) + interval '10 days', date_trunc('month', now()) + interval '11 days')"
        );
        ShouldGoByIndex(ofAMonth, months);
        if (plans == "force_custom_plan")
        {
            Assert.Equal(months[1], Assert.Single(MonthsOf(ofAMonth, " t").Concat(MonthsOf(ofAMonth, " t_1")).Distinct()));
        }
    }

    /// <summary>Wherever there are rows. Of months that are still empty the planner knows that there is nothing to scan.</summary>
    private static void ShouldGoByIndex(string plan, List<string> filled)
    {
        Assert.DoesNotContain("Seq Scan on balances", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on accounts", plan, StringComparison.Ordinal);
        Assert.All(filled, month => Assert.DoesNotContain($"Seq Scan on {month}", plan, StringComparison.Ordinal));
        Assert.Contains("Index Scan", plan, StringComparison.Ordinal);
    }

    /// <summary>The months in which rows of this alias were looked for.</summary>
    private static List<string> MonthsOf(string plan, string alias) =>
        [
            .. plan.Split('\n')
                .Where(line => !line.Contains("never executed", StringComparison.Ordinal))
                .Select(line => System.Text.RegularExpressions.Regex.Match(line, $@" on (transfers_\d{{4}}_\d\d){alias}(_\d+)?( |$)"))
                .Where(match => match.Success)
                .Select(match => match.Groups[1].Value)
                .Distinct(),
        ];

    private static async Task<string> ExplainAsync(NpgsqlConnection connection, string call)
    {
        var lines = await connection.ListAsync($"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE {call}");
        var plan = string.Join('\n', lines);
        TestContext.Current.TestOutputHelper?.WriteLine(plan);
        return plan;
    }
}
