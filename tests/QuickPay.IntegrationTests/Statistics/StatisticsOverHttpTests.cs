using System.Globalization;
using System.Text.Json;
using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Statistics;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary><c>GET /v1/statistics/me</c> and <c>GET /v1/operator/statistics</c>.</summary>
public sealed class StatisticsOverHttpTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private static DateOnly Today => LedgerDay.Of(TimeProvider.System.GetUtcNow().UtcDateTime);

    private static string ThisMonth => Month(Today);

    [Fact]
    public async Task A_member_sees_what_came_and_went_and_nobody_elses()
    {
        var (kim, lee, park) = (await Bank.JoinAsync(funds: 100_000), await Bank.JoinAsync(funds: 50_000), await Bank.JoinAsync());
        (await kim.SendsAsync(10_000, to: lee)).ShouldBe(201);
        (await lee.SendsAsync(700, to: kim)).ShouldBe(201);
        var captured = (await kim.HoldsAsync(5_000, to: lee)).ShouldBe(201);
        (await kim.CapturesAsync(captured.Id, 3_000)).ShouldBe(200);
        var cancelled = (await kim.HoldsAsync(2_000, to: lee)).ShouldBe(201);
        (await kim.CancelsAsync(cancelled.Id)).ShouldBe(200);
        (await kim.HoldsAsync(1_000, to: lee)).ShouldBe(201);

        var month = (await kim.GetAsync($"/v1/statistics/me?month={ThisMonth}")).ShouldBe(200);

        Assert.Equal(ThisMonth, month.Word("month"));
        Assert.Equal("no-store", month.Header("Cache-Control"));
        Assert.Equal(
            $$$"""
            [{"accountId":"{{{kim.AccountId}}}","currency":"KRW","in":{"transfers":2,"amount":100700,"kinds":[{"kind":"transfer","transfers":1,"amount":700},{"kind":"deposit","transfers":1,"amount":100000}],"counterparties":[{"accountId":"{{{lee.AccountId}}}","transfers":1,"amount":700}]},"out":{"transfers":2,"amount":13000,"kinds":[{"kind":"transfer","transfers":2,"amount":13000}],"counterparties":[{"accountId":"{{{lee.AccountId}}}","transfers":2,"amount":13000}]}}]
            """,
            month["accounts"].GetRawText()
        );
        var strangers = (await park.GetAsync($"/v1/statistics/me?month={ThisMonth}")).ShouldBe(200);
        Assert.Equal(
            $$$"""
            [{"accountId":"{{{park.AccountId}}}","currency":"KRW","in":{"transfers":0,"amount":0,"kinds":[],"counterparties":[]},"out":{"transfers":0,"amount":0,"kinds":[],"counterparties":[]}}]
            """,
            strangers["accounts"].GetRawText()
        );
    }

    /// <summary>At nine in the evening of the last day, Greenwich is still in the old month.</summary>
    [Fact]
    public async Task Months_begin_at_midnight_in_Seoul()
    {
        await using var bank = await ApiBank.OpenAsync(Servers);
        var (kim, lee) = (await bank.JoinAsync(funds: 100_000), await bank.JoinAsync());
        var midnight = LedgerDay.StartOf(new DateOnly(Today.Year, Today.Month, 1));
        Assert.Equal(15, midnight.Hour);
        var before = (await kim.SendsAsync(11, to: lee)).ShouldBe(201).Id;
        var after = (await kim.SendsAsync(22, to: lee)).ShouldBe(201).Id;
        await MoveAsync(bank, before, midnight.AddMicroseconds(-1));
        await MoveAsync(bank, after, midnight);

        Assert.Equal(11, await SentInAsync(kim, Month(Today.AddMonths(-1))));
        Assert.Equal(22, await SentInAsync(kim, ThisMonth));
        Assert.Equal(0, await SentInAsync(kim, Month(Today.AddMonths(1))));
        await bank.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("?month=")]
    [InlineData("?month=2026")]
    [InlineData("?month=2026-13")]
    [InlineData("?month=2026-1")]
    [InlineData("?month=2026-11-01")]
    [InlineData("?month=1999-12")]
    [InlineData("?month=2201-01")]
    [InlineData("?month=2026-11&month=2026-12")]
    [InlineData("?month=%EF%BC%92026-11")]
    public async Task A_month_that_is_none_is_named(string query)
    {
        var (kim, _) = await CoupleAsync();
        (await kim.GetAsync("/v1/statistics/me" + query)).ShouldBeProblem(400, "invalid_request", "month");
    }

    [Fact]
    public async Task An_operator_sees_everybodys_days_and_hours_once_they_are_over()
    {
        await using var bank = await ApiBank.OpenAsync(Servers);
        var park = await OperatorUnderTest.LogsInAsync(bank);
        var (from, to) = (Day(Today.AddDays(-1)), Day(Today.AddDays(1)));
        Assert.Equal(
            $$"""
            {"from":"{{from}}","to":"{{to}}","asOf":null,"load":{"postings":0,"averageTps":0,"peakTps":0,"peakAt":null},"volumes":[],"days":[],"hours":[],"topCounterparties":[]}
            """,
            (await park.GetAsync($"/v1/operator/statistics?from={from}&to={to}")).ShouldBe(200).Text
        );
        var (kim, lee) = (await bank.JoinAsync(funds: 100_000), await bank.JoinAsync());
        var sent = (await kim.SendsAsync(10_000, to: lee)).ShouldBe(201).Id;
        var yesterday = LedgerDay.StartOf(Today.AddDays(-1));
        await MoveAsync(bank, sent, yesterday.AddHours(3).AddSeconds(7.5));
        await using var worker = NpgsqlDataSource.Create(bank.Database.Worker.ConnectionString);
        await new HourRollUp(worker, TimeProvider.System).CloseAsync(yesterday.AddDays(1), Cancellation);

        var report = (await park.GetAsync($"/v1/operator/statistics?from={from}&to={to}")).ShouldBe(200);

        Assert.Equal(yesterday.AddDays(1), report["asOf"].GetDateTime());
        Assert.Equal("no-store", report.Header("Cache-Control"));
        // Today's deposit is not over yet.
        const string Volumes = """[{"kind":"transfer","currency":"KRW","transfers":1,"amount":10000}]""";
        Assert.Equal(Volumes, report["volumes"].GetRawText());
        var second = yesterday.AddHours(3).AddSeconds(7).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        Assert.Equal($$"""{"postings":1,"averageTps":0.000,"peakTps":1,"peakAt":"{{second}}"}""", report["load"].GetRawText());
        Assert.Equal(
            $$"""[{"day":"{{from}}","load":{"postings":1,"averageTps":0.000,"peakTps":1,"peakAt":"{{second}}"},"activeMembers":2,"volumes":{{Volumes}}}]""",
            report["days"].GetRawText()
        );
        Assert.Equal(24, report["hours"].GetArrayLength());
        Assert.Equal(
            [0, 0, 0, 2, 0],
            report["hours"].EnumerateArray().Take(5).Select(hour => hour.GetProperty("activeMembers").GetInt32())
        );
        Assert.Equal(
            new[] { kim.AccountId, lee.AccountId }.Order(),
            report["topCounterparties"].EnumerateArray().Select(top => top.GetProperty("accountId").GetGuid()).Order()
        );
        var year = (await park.GetAsync($"/v1/operator/statistics?from={Day(Today.AddDays(-365))}&to={to}")).ShouldBe(200);
        Assert.Equal((1, 0), (year["days"].GetArrayLength(), year["hours"].GetArrayLength()));
        await bank.ShouldBalanceAsync();
    }

    /// <summary>An average is over the hours that are summed up: not over a day that is not over, nor over the days of the range.</summary>
    [Fact]
    public async Task Averages_are_over_what_is_summed_up()
    {
        await using var bank = await ApiBank.OpenAsync(Servers);
        var park = await OperatorUnderTest.LogsInAsync(bank);
        // A whole day of one a second, then an hour of two and one of a half.
        var start = LedgerDay.StartOf(Today.AddDays(-2));
        Assert.Equal(
            26,
            await bank.Owner.DoAsync(
                $"""
                INSERT INTO statistics_hours (hour, postings, peak_postings, peak_at, active_members)
                SELECT '{start:O}'::timestamptz + n * interval '1 hour', CASE n WHEN 24 THEN 7200 WHEN 25 THEN 1800 ELSE 3600 END, 0, NULL, 0
                FROM generate_series(0, 25) n
                """
            )
        );

        var report = (await park.GetAsync($"/v1/operator/statistics?from={Day(Today.AddDays(-2))}&to={Day(Today.AddDays(1))}")).ShouldBe(
            200
        );

        static decimal Average(JsonElement of) => of.GetProperty("load").GetProperty("averageTps").GetDecimal();
        Assert.Equal([.. Enumerable.Repeat(1m, 24), 2m, 0.5m], report["hours"].EnumerateArray().Select(Average));
        Assert.Equal([1m, 1.25m], report["days"].EnumerateArray().Select(Average));
        // 95,400 in 26 hours.
        Assert.Equal(1.019m, report["load"].GetProperty("averageTps").GetDecimal());
    }

    [Theory]
    [InlineData("", "from", "to")]
    [InlineData("?from=2026-11-01", "to")]
    [InlineData("?to=2026-11-01", "from")]
    [InlineData("?from=2026-11-01&to=2026-11-01", "to")]
    [InlineData("?from=2026-11-02&to=2026-11-01", "to")]
    [InlineData("?from=2025-11-01&to=2026-11-03", "to")]
    [InlineData("?from=2026-11-01T00:00:00Z&to=2026-11-02", "from")]
    [InlineData("?from=2026-02-30&to=2026-11-02", "from")]
    [InlineData("?from=1999-12-31&to=2000-01-02", "from")]
    public async Task A_range_that_is_none_is_named(string query, params string[] fields)
    {
        var park = await OperatorUnderTest.LogsInAsync(Bank);
        (await park.GetAsync("/v1/operator/statistics" + query)).ShouldBeProblem(400, "invalid_request", fields);
    }

    [Fact]
    public async Task A_leap_years_worth_of_days_is_answered()
    {
        var park = await OperatorUnderTest.LogsInAsync(Bank);
        (await park.GetAsync("/v1/operator/statistics?from=2025-11-01&to=2026-11-02")).ShouldBe(200);
    }

    private static async Task<long> SentInAsync(ApiMember member, string month) =>
        (await member.GetAsync($"/v1/statistics/me?month={month}"))
            .ShouldBe(200)["accounts"]
            .EnumerateArray()
            .Sum((JsonElement account) => account.GetProperty("out").GetProperty("amount").GetInt64());

    /// <summary>As if it had happened then.</summary>
    private static Task MoveAsync(ApiBank bank, Guid transfer, DateTime to) =>
        new Superuser(bank.Database).DoAsync(
            $"""
            SET session_replication_role = replica;
            DELETE FROM idempotency_keys;
            UPDATE transfers SET created_at = '{to:O}', id = (left(uuid_v7_floor('{to:O}')::text, 14) || substr(id::text, 15))::uuid
            WHERE id = '{transfer}'
            """
        );

    private static string Month(DateOnly day) => day.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
