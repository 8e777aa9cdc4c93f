using System.Globalization;
using System.Text.Json;
using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Postgres;
using QuickPay.Statistics;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>
/// Ten million transfers in one month, a million of them to one shop, and one market that is paid by everybody. How long answers take, and, because a hundred million do not fit here:
/// how many pages they touch with one million and with ten. What does not grow from one to ten does not grow to a hundred either.
/// </summary>
public sealed class StatisticsAtScaleTests(TestServers servers, ITestOutputHelper output) : StatisticsTests(servers)
{
    private const int Few = 1_000_000;
    private const int Many = 10_000_000;
    private const int Accounts = 20_000;
    private const int FixedTransfers = 1_000;

    // The market's: one transfer of each 480, from each buyer in turn, the last thousand of them not summed up yet.
    private const int MarketEvery = 480;
    private const int MarketTransfers = 20_500;
    private const int MarketLive = 1_000;
    private const int Buyers = Accounts - 1;

    /// <summary>Five for each live transfer were measured: its row, its buyer's sum, and pages of their indexes.</summary>
    private const int MarketPagesMax = 10_000;

    /// <summary>Owner and account: somebody with a thousand transfers, whatever the others do; somebody among the others; the shop; the market.</summary>
    private static readonly Guid Somebody = Id(Accounts);
    private static readonly Guid Anybody = Id(7);
    private static readonly Guid Shop = Id(0);
    private static readonly Guid Market = Id(Accounts + 1);

    private static readonly DateOnly Month = ThisMonth.AddMonths(-1);
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(200);

    [Fact]
    [Trait("Category", "slow")]
    public async Task Answers_take_less_than_200_ms_and_do_not_grow_with_the_table()
    {
        await OpenAccountsAsync();
        await LoadAsync(0, Few);
        var few = await PagesAsync(Somebody);
        await LoadAsync(Few, Many);
        var many = await PagesAsync(Somebody);
        output.WriteLine($"A month of {FixedTransfers} transfers: {few} pages of {Few:N0} transfers, {many} of {Many:N0}");
        Assert.InRange(many, 1, few * 6 / 5);

        var started = TimeProvider.System.GetTimestamp();
        var closed = await new HourRollUp(Worker, TimeProvider.System).CloseAsync(LedgerDay.StartOf(ThisMonth), Cancellation);
        output.WriteLine(
            $"Summed up {closed.Hours} hours and {closed.Days} days in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s"
        );
        started = TimeProvider.System.GetTimestamp();
        Assert.Equal(2, await new AccountRollUp(Worker, TimeProvider.System).RunAsync(AccountRollUp.WorthIt, Cancellation));
        output.WriteLine($"Summed up the shop and the market in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");

        await TimedAsync("A month of a thousand transfers", () => ReadAsync(Somebody));
        await TimedAsync("Anybody's month", () => ReadAsync(Anybody));
        await TimedAsync("The shop's month", () => ReadAsync(Shop));
        output.WriteLine($"The shop's month touches {await PagesAsync(Shop)} pages");
        await TimedAsync("The market's month", () => ReadAsync(Market));
        var market = await PagesAsync(Market);
        output.WriteLine($"The market's month, of {Buyers:N0} buyers and {MarketLive:N0} live transfers, touches {market} pages");
        Assert.InRange(market, 1, MarketPagesMax);
        ShouldBeTheMarkets((await ReadAsync(Market)).Accounts.Single().In);
        var reports = new OperatorStatistics(Source);
        await TimedAsync("A month's report", () => reports.ReadAsync(Month, ThisMonth, Cancellation));
        await TimedAsync("A year's report", () => reports.ReadAsync(Month.AddMonths(-10), Month.AddMonths(2), Cancellation));

        var shop = (await ReadAsync(Shop)).Accounts.Single();
        Assert.Equal(Many / 10, shop.In.Kinds.Single().Transfers);
        Assert.Equal(Many, (await reports.ReadAsync(Month, ThisMonth, Cancellation))!.Days.Sum(day => day.Load.Postings));
    }

    /// <summary>All of it, and the largest buyers by what is summed up and what is not together.</summary>
    private static void ShouldBeTheMarkets(SideOfMonth side)
    {
        var sales = Enumerable
            .Range(0, MarketTransfers)
            .Select(k => (Buyer: Id(1 + (k % Buyers)), Amount: 1L + (((k * MarketEvery) + MarketEvery / 2 + 11) % 9973)))
            .ToList();
        Assert.Equal((MarketTransfers, sales.Sum(sale => sale.Amount)), (side.Kinds.Single().Transfers, side.Kinds.Single().Amount));
        Assert.Equal(
            sales
                .GroupBy(sale => sale.Buyer)
                .Select(buyer => new CounterpartySum(buyer.Key, buyer.Count(), buyer.Sum(sale => sale.Amount)))
                .OrderByDescending(buyer => buyer.Amount)
                .ThenBy(buyer => buyer.AccountId.ToString(), StringComparer.Ordinal)
                .Take(MemberStatistics.CounterpartiesMax),
            side.Counterparties
        );
    }

    private async Task<MemberMonth> ReadAsync(Guid owner) =>
        (await new MemberStatistics(Source).ReadAsync(owner, Month, default, Cancellation))!;

    /// <summary>The middle one of five, once there is a connection: other tests run at the same time.</summary>
    private async Task TimedAsync<T>(string what, Func<Task<T>> ask)
    {
        await Eventually.IsTrueAsync(async () => await Record.ExceptionAsync(async () => await ask()) is null, what);
        var times = new List<TimeSpan>();
        for (var n = 0; n < 5; n++)
        {
            var started = TimeProvider.System.GetTimestamp();
            await ask();
            times.Add(TimeProvider.System.GetElapsedTime(started));
        }
        output.WriteLine(
            $"{what}: {string.Join(", ", times.Select(time => time.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture)))} ms"
        );
        Assert.InRange(times.Order().ElementAt(2), TimeSpan.Zero, Bound);
    }

    /// <summary>Pages of tables and indexes that a month's question touches, wherever they were found.</summary>
    private async Task<int> PagesAsync(Guid owner)
    {
        await using var lease = await Source.OpenAsync(ReplicaRole.Statistics, default, Cancellation);
        await using var command = new NpgsqlCommand(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + MemberStatistics.MonthSql,
            lease!.Connection
        );
        command.Parameters.AddWithValue(owner);
        command.Parameters.AddWithValue(Month);
        command.Parameters.AddWithValue(LedgerDay.StartOf(Month));
        command.Parameters.AddWithValue(LedgerDay.StartOf(ThisMonth));
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync(Cancellation))!);
        var top = plan.RootElement[0].GetProperty("Plan");
        return top.GetProperty("Shared Hit Blocks").GetInt32() + top.GetProperty("Shared Read Blocks").GetInt32();
    }

    private async Task OpenAccountsAsync()
    {
        await Bank.ExecuteAsync(
            $"""
            INSERT INTO accounts SELECT {IdSql("n")}, (900000000000 + n)::text, {IdSql(
                "n"
            )}, 1, 410, now() FROM generate_series(0, {Accounts + 1}) n;
            INSERT INTO balances VALUES ('{Shop}', '{Shop}', 0, 0, {Many / 10}, 0, 0, '2000-01-01', 9, 1, 410),
                ('{Market}', '{Market}', 0, 0, {MarketTransfers - MarketLive}, 0, 0, '2000-01-01', 9, 1, 410);
            INSERT INTO statistics_accounts VALUES ('{Market}', 0)
            """
        );
    }

    /// <summary>Numbers <paramref name="from"/> to <paramref name="to"/> of the month, which they fill evenly; without indexes, which are made anew.</summary>
    private async Task LoadAsync(int from, int to)
    {
        var owner = new NpgsqlConnectionStringBuilder(Database.Migrator.ConnectionString) { CommandTimeout = 600 };
        await using var load = new NpgsqlConnection(owner.ConnectionString);
        await load.OpenAsync(Cancellation);
        // A month of Seoul begins in the month before it in Greenwich.
        var (early, late) = (Partition(Month.AddMonths(-1)), Partition(Month));
        var parts = await load.AskAsync<bool>($"SELECT to_regclass('{early}') IS NOT NULL") ? new[] { early, late } : [late];
        var start = parts.Length == 2 ? LedgerDay.StartOf(Month) : LedgerDay.StartOf(Month).AddHours(9);
        var span = LedgerDay.StartOf(ThisMonth) - start;
        var at = string.Create(
            CultureInfo.InvariantCulture,
            $"({new DateTimeOffset(start).ToUnixTimeMilliseconds()} + (n - {from}) * {(long)span.TotalMilliseconds} / {to - from})"
        );
        // Never the shop's, nor somebody's.
        var isMarkets = $"(n % {MarketEvery} = {MarketEvery / 2 + 11} AND n < {MarketEvery * MarketTransfers})";
        foreach (var part in parts)
        {
            await load.DoAsync($"DROP INDEX {part}_debit, {part}_credit");
        }
        await load.DoAsync(
            $"""
            INSERT INTO transfers (id, debit_account, credit_account, amount, debit_balance, debit_held, debit_version,
                                   credit_balance, credit_held, credit_version, batch_id, created_at, kind, currency)
            SELECT (lpad(to_hex(at), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid, {IdSql("debit")}, {IdSql(
                "credit"
            )}, 1 + n % 9973,
                   0, 0, n + 1, 0, 0, CASE WHEN credit = 0 THEN n / 10 + 1 WHEN credit = {Accounts
                + 1} THEN n / {MarketEvery} + 1 ELSE n + 1 END, 0, to_timestamp(at / 1000.0), 1, 410
            FROM (SELECT n, {at} AS at, CASE WHEN n < {Few} AND n % {Few
                / FixedTransfers} = 5 THEN {Accounts} WHEN {isMarkets} THEN 1 + n / {MarketEvery} % {Buyers}
                              ELSE 1 + (n * 7919) % {Accounts - 2} END AS debit,
                         CASE WHEN n % 10 = 0 THEN 0 WHEN {isMarkets} THEN {Accounts + 1}
                              ELSE 1 + (n * 7919 + 1 + n % 17) % {Accounts - 2} END AS credit
                  FROM generate_series({from}::bigint, {to - 1}) n) rows
            """
        );
        foreach (var part in parts)
        {
            await load.DoAsync(
                $"""
                CREATE UNIQUE INDEX {part}_debit ON {part} (debit_account, debit_version);
                CREATE UNIQUE INDEX {part}_credit ON {part} (credit_account, credit_version) WHERE credit_version > 0
                """
            );
            await load.DoAsync($"VACUUM ANALYZE {part}");
        }
        await load.DoAsync("ANALYZE accounts");
    }

    private static string Partition(DateOnly month) => $"transfers_{month.ToString("yyyy_MM", CultureInfo.InvariantCulture)}";

    private static Guid Id(int n) => Guid.ParseExact($"10000000-0000-8000-8000-{n:x12}", "D");

    private static string IdSql(string n) => $"('10000000-0000-8000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid";
}
