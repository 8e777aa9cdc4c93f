using System.Text.Json;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.Caches;
using QuickPay.IntegrationTests.Support;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>What members' reads cost when there are ten million transfers: pages of the database, whatever the time and the machine.</summary>
[Trait("Category", "slow")]
public sealed class ReadCostTests(TestServers servers, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Transfers = 9_999_999;
    private const int Wallets = 100_000;

    // A page is 20 rows of two indexes in three months, and what looks for a hold's end beside each.
    private const int PagesMax = 400;

    // Every wallet sends and receives as often as any other, in the last month, this one and the next.
    private static readonly string Fill = $"""
        INSERT INTO accounts SELECT uuid_v7_floor('epoch'::timestamptz + n * interval '1 s'), (10000000000 + n)::text,
               uuid_v7_floor('epoch'::timestamptz + n * interval '1 s'), 1, 410, now() FROM generate_series(0, {Wallets} - 1) n;
        INSERT INTO transfers (id, debit_account, credit_account, amount, debit_balance, debit_held, debit_version,
                               credit_balance, credit_held, credit_version, batch_id, created_at, kind, currency)
        SELECT uuid_v7_floor(at), uuid_v7_floor('epoch'::timestamptz + n % {Wallets} * interval '1 s'),
               uuid_v7_floor('epoch'::timestamptz + (n + n / {Wallets} + 1) % {Wallets} * interval '1 s'), 1, 0, 0, n + 1, 0, 0, n + 1, 1, at, 1, 410
        FROM generate_series(0, {Transfers} - 1) n, LATERAL (
            SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + (n / ({Transfers} / 3) - 1) * interval '1 month'
                   + n % ({Transfers} / 3) * interval '700 ms' AS at) t
        WHERE n % {Wallets} <> (n + n / {Wallets} + 1) % {Wallets};
        INSERT INTO balances SELECT id, owner_id, 0, 0, 0, 0, 0, '1970-01-01', 1, 1, 410 FROM accounts ON CONFLICT DO NOTHING;
        INSERT INTO ledger_batches SELECT n, n::text::xid8, 1, '', date_trunc('month', now()) + n * interval '1 s' FROM generate_series(1, 100000) n;
        ANALYZE accounts, balances, ledger_batches, transfers;
        """;

    private const string Wallet = "uuid_v7_floor('epoch'::timestamptz + interval '4711 s')";

    private static readonly HistoryQuery All = new(Guid.Empty, 21);

    private const string Other = "uuid_v7_floor('epoch'::timestamptz + interval '4714 s')";

    private TestDatabase _database = null!;
    private NpgsqlDataSource _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _owner = NpgsqlDataSource.Create(_database.Migrator.ConnectionString + ";Command Timeout=0");
    }

    public async ValueTask DisposeAsync()
    {
        await _owner.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task Every_read_of_a_member_touches_few_pages_of_ten_million_transfers(string plans)
    {
        await _owner.DoAsync(Fill);
        await using var connection = await _owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await connection.DoAsync(
            $"""
            SET plan_cache_mode = {plans};
            PREPARE balance (uuid, uuid) AS {AccountReader.BalanceSql};
            PREPARE changed (text, int) AS {StaleBalances.LookSql};
            PREPARE look_up (uuid, uuid) AS {TransferReader.GetSql};
            PREPARE history (uuid, bigint, int) AS {HistorySql.Of(All)};
            PREPARE incoming (uuid, bigint, int) AS {HistorySql.Of(All with { Incoming = true })};
            PREPARE period (uuid, bigint, int, timestamptz, timestamptz) AS {HistorySql.Of(
                All with { From = DateTime.UnixEpoch, To = DateTime.UnixEpoch }
            )};
            PREPARE counterparty (uuid, bigint, int, uuid) AS {HistorySql.Of(All with { Counterparty = Guid.Empty })};
            PREPARE pending (uuid, bigint, int, smallint) AS {HistorySql.Of(All with { Status = TransferStatus.Pending })}
            """
        );
        const string anId = "uuid_v7_floor(date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + 4711 * interval '700 ms')";
        const string tenthToEleventh = "date_trunc('month', now()) + interval '10 days', date_trunc('month', now()) + interval '11 days'";
        (string Read, string Call)[] reads =
        [
            ("a balance", $"balance ({Wallet}, {Wallet})"),
            ("a transfer", $"look_up ({anId}, {Wallet})"),
            ("the first page", $"history ({Wallet}, 9223372036854775807, 21)"),
            ("a deeper page", $"history ({Wallet}, {Transfers / 2}, 21)"),
            ("what came in", $"incoming ({Wallet}, 9223372036854775807, 21)"),
            ("with one other", $"counterparty ({Wallet}, 9223372036854775807, 21, {Other})"),
            ("a day", $"period ({Wallet}, 9223372036854775807, 21, {tenthToEleventh})"),
        ];
        foreach (var (read, call) in reads)
        {
            await ShouldTouchAsync(PagesMax, read, call);
        }
        // The worker's look at the last second of many.
        await ShouldTouchAsync(10 * PagesMax, "what was committed", "changed ('99998', 5000)");

        async Task ShouldTouchAsync(int most, string read, string call)
        {
            var pages = await PagesOfAsync(connection, call);
            output.WriteLine($"{read}: {pages} pages");
            Assert.True(pages > 0 && pages <= most, $"{read} touches {pages} pages.");
        }
    }

    private static async Task<long> PagesOfAsync(NpgsqlConnection connection, string call)
    {
        var text = string.Concat(await connection.ListAsync($"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {call}"));
        var plan = JsonElement.Parse(text)[0].GetProperty("Plan");
        return plan.GetProperty("Shared Hit Blocks").GetInt64() + plan.GetProperty("Shared Read Blocks").GetInt64();
    }
}
