using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
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
                    new HourRollUp(Worker),
                    new AccountRollUp(Worker),
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
        Assert.DoesNotContain(log.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }
}
