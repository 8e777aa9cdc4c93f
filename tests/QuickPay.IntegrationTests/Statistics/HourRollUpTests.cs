using Microsoft.Extensions.Time.Testing;
using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Statistics;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>Hours and days: summed up once nothing can be added to them, and then exactly what the books say.</summary>
public sealed class HourRollUpTests(TestServers servers) : StatisticsTests(servers)
{
    private static readonly DateTime From = LedgerDay.StartOf(ThisMonth).AddHours(-36);
    private static readonly TimeSpan Span = TimeSpan.FromHours(84);

    /// <summary>The end of the last day that has traffic.</summary>
    private static readonly DateTime Until = LedgerDay.StartOf(LedgerDay.Of(From + Span).AddDays(1));

    [Fact]
    public async Task Sums_are_those_of_a_computation_from_scratch()
    {
        var traffic = await TrafficAsync(requests: 400);

        await new HourRollUp(Worker, TimeProvider.System).CloseAsync(Until, Cancellation);

        await ShouldBeAllOfAsync(await traffic.RowsAsync());
    }

    [Fact]
    public async Task A_day_is_closed_with_its_last_hour_and_counts_each_member_once()
    {
        await TrafficAsync(requests: 100);
        var first = LedgerDay.Of(From);
        var end = LedgerDay.StartOf(first.AddDays(1));
        var rollUp = new HourRollUp(Worker, TimeProvider.System);

        // The first day begins with its first hour, though nothing had happened by then.
        Assert.Equal(new RolledUp(23, 0), await rollUp.CloseAsync(end.AddHours(-1), Cancellation));
        Assert.Null((await ReportAsync()).Days.Single().ActiveMembers);
        Assert.Equal(new RolledUp(1, 1), await rollUp.CloseAsync(end, Cancellation));
        Assert.NotNull((await ReportAsync()).Days.Single().ActiveMembers);
        Assert.Equal(end, (await ReportAsync()).Until);
        Assert.Equal(default, await rollUp.CloseAsync(end, Cancellation));
    }

    /// <summary>A sum over a gap would be too small, and nobody would see it: a day that is being summed up again, or an hour that failed.</summary>
    [Fact]
    public async Task A_report_ends_before_the_first_hour_that_is_not_summed_up()
    {
        var traffic = await TrafficAsync(requests: 200);
        await new HourRollUp(Worker, TimeProvider.System).CloseAsync(Until, Cancellation);
        var gap = LedgerDay.StartOf(ThisMonth).AddHours(5);
        await Bank.ExecuteAsync($"DELETE FROM statistics_hours WHERE hour = '{gap:O}'");

        var report = await ReportAsync();
        Assert.Equal(gap, report.Until);
        Assert.Equal((await traffic.RowsAsync()).Count(row => row.CreatedAt < gap), report.Days.Sum(day => day.Load.Postings));
        Assert.Equal(gap.AddHours(-1), report.Hours[^1].Hour);
        var reports = new OperatorStatistics(Source);
        Assert.Equal(gap, (await reports.ReadAsync(ThisMonth, ThisMonth.AddDays(1), Cancellation))!.Until);
        Assert.NotEqual(gap, (await reports.ReadAsync(ThisMonth.AddDays(1), ThisMonth.AddDays(2), Cancellation))!.Until);

        // Nor does it begin after one, be it the very first of all.
        var first = LedgerDay.Of((await traffic.RowsAsync()).Min(row => row.CreatedAt));
        Assert.NotNull((await reports.ReadAsync(first.AddDays(-3), first.AddDays(1), Cancellation))!.Until);
        await Bank.ExecuteAsync($"DELETE FROM statistics_hours WHERE hour = '{LedgerDay.StartOf(first):O}'");
        Assert.Null((await reports.ReadAsync(first.AddDays(-3), first.AddDays(1), Cancellation))!.Until);
        await Bank.ExecuteAsync($"DELETE FROM statistics_hours WHERE hour = '{LedgerDay.StartOf(ThisMonth):O}'");
        Assert.Null((await reports.ReadAsync(ThisMonth, ThisMonth.AddDays(1), Cancellation))!.Until);
    }

    /// <summary>
    /// It was stamped in an hour that has ended, and its commit has still to come: waiting for a standby, say. It has the highest id of all
    /// transactions, and none has ended after it began.
    /// </summary>
    [Fact]
    public async Task An_hour_is_not_closed_while_a_transaction_that_may_belong_to_it_is_under_way()
    {
        await TrafficAsync(requests: 20);
        var rollUp = new HourRollUp(Worker, TimeProvider.System);
        await using var late = await Bank.Owner.OpenConnectionAsync(Cancellation);
        await using (var transaction = await late.BeginTransactionAsync(Cancellation))
        {
            Assert.Equal(
                1,
                await late.DoAsync(
                    $"""
                    INSERT INTO transfers SELECT (left(id::text, 15) || '{Guid.Empty.ToString()[
                        15..
                    ]}')::uuid, debit_account, credit_account, NULL, 777,
                        debit_balance, debit_held, 1000000, credit_balance, credit_held, 0, batch_id, created_at, NULL, 1, currency, NULL
                    FROM (SELECT * FROM transfers ORDER BY id LIMIT 1) t
                    """
                )
            );
            Assert.Equal(default, await rollUp.RunAsync(Cancellation));
            Assert.Equal(default, await rollUp.RunAsync(Cancellation));
            Assert.Equal(0, await Bank.CountAsync("SELECT count(*) FROM statistics_hours"));
            await transaction.CommitAsync(Cancellation);
        }

        // Transactions of other tests hold it up as well, for a moment.
        await Eventually.IsTrueAsync(async () => (await rollUp.RunAsync(Cancellation)).Hours > 0, "the hours are closed");

        Assert.Equal(
            await Bank.CountAsync(
                "SELECT count(*) FROM transfers WHERE created_at < (SELECT max(hour) + interval '1 hour' FROM statistics_hours)"
            ),
            await Bank.CountAsync("SELECT sum(postings)::bigint FROM statistics_hours")
        );
        Assert.Equal(1, await Bank.CountAsync("SELECT count(*) FROM transfers WHERE amount = 777"));
    }

    [Fact]
    public async Task The_running_hour_and_the_one_that_has_just_ended_are_left_out()
    {
        await TrafficAsync(requests: 20);
        var rollUp = new HourRollUp(Worker, TimeProvider.System);
        var before = await Database.AskAsync<DateTime>("SELECT date_trunc('hour', clock_timestamp() - interval '5 minutes')");

        await Eventually.IsTrueAsync(async () => (await rollUp.RunAsync(Cancellation)).Hours > 0, "the hours are closed");

        var end = await Database.AskAsync<DateTime>("SELECT max(hour) + interval '1 hour' FROM statistics_hours");
        var after = await Database.AskAsync<DateTime>("SELECT date_trunc('hour', clock_timestamp() - interval '5 minutes')");
        Assert.InRange(end, before, after);
    }

    [Theory]
    [InlineData("statistics_hours", "hour")]
    [InlineData("statistics_hour_accounts", "hour")]
    [InlineData("statistics_days", "day")]
    [InlineData("statistics_day_accounts", "day")]
    public async Task A_turn_that_breaks_off_half_way_leaves_whole_hours_and_goes_on_from_there(string table, string column)
    {
        var traffic = await TrafficAsync(requests: 150);
        var middle = column == "hour" ? $"'{From.AddHours(30):O}'::timestamptz" : $"'{ThisMonth:yyyy-MM-dd}'::date";
        await Bank.ExecuteAsync(
            $"""
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$;
            CREATE TRIGGER break_off BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.{column} >= {middle}) EXECUTE FUNCTION break_off()
            """
        );
        var time = new FakeTimeProvider();
        var rollUp = new HourRollUp(Worker, time);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var broken = await Assert.ThrowsAsync<AggregateException>(() => rollUp.CloseAsync(Until, Cancellation));
            Assert.All(broken.InnerExceptions, e => Assert.Equal("broken off", ((PostgresException)e).MessageText));
            // Everything fails from there on, and not everything is tried.
            Assert.InRange(broken.InnerExceptions.Count, 1, 3);
            time.Advance(TimeSpan.FromHours(1));
            var sums = await Bank.CountAsync(
                "SELECT count(*) FROM statistics_hour_kinds k WHERE NOT EXISTS (SELECT FROM statistics_hours h WHERE h.hour = k.hour)"
            );
            Assert.Equal(0, sums);
            Assert.NotEqual(0, await Bank.CountAsync("SELECT count(*) FROM statistics_hours"));
        }
        await Bank.ExecuteAsync("DROP FUNCTION break_off CASCADE");
        await rollUp.CloseAsync(Until, Cancellation);

        await ShouldBeAllOfAsync(await traffic.RowsAsync());
    }

    [Fact]
    public async Task An_hour_that_cannot_be_summed_up_holds_up_no_other_and_is_left_alone_for_longer_each_time()
    {
        var traffic = await TrafficAsync(requests: 100);
        var bad = From.AddHours(30);
        await Bank.ExecuteAsync(
            $"""
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$;
            CREATE TRIGGER break_off BEFORE INSERT ON statistics_hours FOR EACH ROW WHEN (NEW.hour = '{bad:O}') EXECUTE FUNCTION break_off()
            """
        );
        var time = new FakeTimeProvider();
        var rollUp = new HourRollUp(Worker, time);

        await FailsAsync();

        // A report ends before it, and what comes after is ready for when it is mended.
        Assert.Equal(bad, (await ReportAsync()).Until);
        Assert.Equal(
            [bad],
            await Database.AskAsync<DateTime[]>(
                $"""
                SELECT array(SELECT h FROM generate_series((SELECT min(hour) FROM statistics_hours), '{Until:O}'::timestamptz - interval '1 hour', interval '1 hour') h
                EXCEPT SELECT hour FROM statistics_hours)
                """
            )
        );
        Assert.Equal(0, await Bank.CountAsync($"SELECT count(*) FROM statistics_days WHERE day = '{LedgerDay.Of(bad):yyyy-MM-dd}'"));
        foreach (var minutes in (int[])[2, 4, 8, 16, 32, 60, 60])
        {
            time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            Assert.Equal(default, await rollUp.CloseAsync(Until, Cancellation));
            time.Advance(TimeSpan.FromSeconds(1));
            await FailsAsync();
        }
        await Bank.ExecuteAsync("DROP FUNCTION break_off CASCADE");
        time.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal(new RolledUp(1, 1), await rollUp.CloseAsync(Until, Cancellation));

        await ShouldBeAllOfAsync(await traffic.RowsAsync());

        async Task FailsAsync()
        {
            var failed = await Assert.ThrowsAsync<AggregateException>(() => rollUp.CloseAsync(Until, Cancellation));
            Assert.Equal("broken off", Assert.IsType<PostgresException>(Assert.Single(failed.InnerExceptions)).MessageText);
        }
    }

    /// <summary>One of them may fail, since the other has the hour; its next turn finds nothing to do.</summary>
    [Fact]
    public async Task Two_that_sum_up_at_once_count_nothing_twice()
    {
        var traffic = await TrafficAsync(requests: 150);

        var ends = await Task.WhenAll(
            Enumerable
                .Range(0, 2)
                .Select(_ =>
                    Record.ExceptionAsync(() => new HourRollUp(Worker, TimeProvider.System).CloseAsync(Until, Cancellation)).AsTask()
                )
        );
        Assert.All(
            ends.OfType<AggregateException>().SelectMany(end => end.InnerExceptions),
            e =>
                Assert.Contains(
                    ((PostgresException)e).SqlState,
                    (string[])[PostgresErrorCodes.UniqueViolation, PostgresErrorCodes.LockNotAvailable]
                )
        );
        Assert.All(ends, end => Assert.True(end is null or AggregateException, end?.ToString()));
        await new HourRollUp(Worker, TimeProvider.System).CloseAsync(Until, Cancellation);

        await ShouldBeAllOfAsync(await traffic.RowsAsync());
    }

    /// <summary>As docs/concepts/statistics.md tells it.</summary>
    [Fact]
    public async Task A_day_that_is_taken_away_with_its_hours_is_summed_up_again()
    {
        var traffic = await TrafficAsync(requests: 100);
        var rollUp = new HourRollUp(Worker, TimeProvider.System);
        await rollUp.CloseAsync(Until, Cancellation);
        await Bank.ExecuteAsync(
            $"""
            BEGIN;
            DELETE FROM statistics_days WHERE day = '{ThisMonth:yyyy-MM-dd}';
            DELETE FROM statistics_hours WHERE (hour AT TIME ZONE 'Asia/Seoul')::date = '{ThisMonth:yyyy-MM-dd}';
            COMMIT
            """
        );

        Assert.Equal(new RolledUp(24, 1), await rollUp.CloseAsync(Until, Cancellation));

        await ShouldBeAllOfAsync(await traffic.RowsAsync());
    }

    private async Task<PastTraffic> TrafficAsync(int requests)
    {
        var traffic = await PastTraffic.BeginAsync(Bank, Database);
        await traffic.GoesOnAsync(requests);
        await traffic.MoveAsync(From, Span);
        return traffic;
    }
}
