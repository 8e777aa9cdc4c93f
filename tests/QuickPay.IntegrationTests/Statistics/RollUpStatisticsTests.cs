using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using QuickPay.IntegrationTests.Ledger;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Statistics;
using QuickPay.Tests.Support;
using QuickPay.Worker;
using QuickPay.Worker.Statistics;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>The worker's job: the leader sums up each minute, unless another is at it.</summary>
public sealed class RollUpStatisticsTests(TestServers servers) : StatisticsTests(servers)
{
    [Fact]
    public async Task The_leader_sums_up_each_minute_and_leaves_it_to_whoever_is_at_it()
    {
        var traffic = await PastTraffic.BeginAsync(Bank, Database);
        await traffic.GoesOnAsync(20);
        await traffic.MoveAsync(LedgerDay.StartOf(ThisMonth).AddHours(-36), TimeSpan.FromHours(12));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var log = new RecordedLog();
        await using var worker = WorkerUnderTest.On(Database);
        var other = await JobTurn.TryTakeAsync(Worker, JobTurn.RollUpStatistics, Cancellation);
        Assert.NotNull(other);
        await using (other)
        {
            await worker.StartAsync(
                new RollUpStatistics(
                    new HourRollUp(Worker, time),
                    new AccountRollUp(Worker, time),
                    Worker,
                    Options.Create(new JobOptions()),
                    worker.Leadership,
                    time,
                    log.Of<RollUpStatistics>()
                )
            );
            await Eventually.IsTrueAsync(() => worker.Turns.Count > 50, "the leader has had its first turns");
            Assert.Equal(0, await Bank.CountAsync("SELECT count(*) FROM statistics_hours"));
        }

        await Eventually.IsTrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                return await Bank.CountAsync("SELECT count(*) FROM statistics_days") > 1;
            },
            "days are summed up"
        );
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Error);
    }

    /// <summary>Whichever fails: the other has its turn, and of both it is told.</summary>
    [Fact]
    public async Task Accounts_are_summed_up_though_hours_are_not()
    {
        var (kim, lee) = (await Bank.OpenWalletAsync(100_000, Accounts.Tier.Load), await Bank.OpenWalletAsync(0, Accounts.Tier.Load));
        for (var n = 0; n < AccountRollUp.WorthIt; n++)
        {
            await kim.SendsAsync(1, to: lee);
        }
        await Bank.ExecuteAsync(
            $"""
            INSERT INTO statistics_accounts VALUES ('{lee.Id}', 0);
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$;
            CREATE TRIGGER break_off BEFORE UPDATE ON statistics_accounts FOR EACH ROW EXECUTE FUNCTION break_off()
            """
        );
        // Without a pool hours fail in every turn, and before they wait for anything.
        var gone = NpgsqlDataSource.Create(Database.Worker.ConnectionString);
        await gone.DisposeAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var log = new RecordedLog();
        await using var worker = WorkerUnderTest.On(Database);
        await worker.StartAsync(
            new RollUpStatistics(
                new HourRollUp(gone, time),
                new AccountRollUp(Worker, time),
                Worker,
                Options.Create(new JobOptions()),
                worker.Leadership,
                time,
                log.Of<RollUpStatistics>()
            )
        );

        await EachMinuteAsync(() => Task.FromResult(IsTold(nameof(ObjectDisposedException)) && IsTold("broken off")), "both are told of");
        await Bank.ExecuteAsync("DROP TRIGGER break_off ON statistics_accounts");
        await EachMinuteAsync(
            async () => await Bank.CountAsync("SELECT sum(through_version)::bigint FROM statistics_accounts") >= AccountRollUp.WorthIt,
            "the account is summed up"
        );

        bool IsTold(string what) =>
            log.Lines.Any(line => line.Level == LogLevel.Error && line.Text.Contains(what, StringComparison.Ordinal));

        Task EachMinuteAsync(Func<Task<bool>> condition, string what) =>
            Eventually.IsTrueAsync(
                () =>
                {
                    time.Advance(TimeSpan.FromMinutes(1));
                    return condition();
                },
                what
            );
    }
}
