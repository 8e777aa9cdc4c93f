using Microsoft.Extensions.Time.Testing;
using QuickPay.Bench;
using QuickPay.Bench.Load;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Report;

namespace QuickPay.Tests.Bench;

public class ReadsRunTests
{
    [Fact]
    public void Figures_are_those_between_the_edges_of_the_window()
    {
        var clock = new FakeTimeProvider();
        var run = Of(clock, wrong: 0);

        Assert.Equal(300, run.PerSecond);
        Assert.Equal((200, 0.5), (run.StatementsPerSecond, run.StatementsPerRequest));
        Assert.Equal((0.25, 625), (run.Cpu["postgres"].Cores, run.Cpu["postgres"].MicrosecondsPerRequest));
        Assert.Equal(0.25, run.OtherProgramsCores, 1e-9);
        Assert.Equal(0.8, run.HitRates["balance"]);
        Assert.Equal((3, 0.75), (run.Kinds["balance"].Answered, run.Kinds["balance"].Share));
        Assert.Equal(0.25, run.Kinds["first page"].Share);
        Assert.Equal(4, run.Kinds["first page"].LatencyMs.P50, 0.01);
        Assert.True(run.Held);
    }

    [Fact]
    public void A_read_that_fell_behind_breaks_the_run()
    {
        var run = Of(new FakeTimeProvider(), wrong: 2);

        Assert.False(run.Held);
        Assert.Equal("2 did; first: Balance of account 6", run.Proof[^1].Detail);
    }

    private static ReadsRun Of(FakeTimeProvider clock, long wrong)
    {
        var (balances, pages) = (new KindTally(), new KindTally());
        foreach (var microseconds in (long[])[1_000, 1_000, 1_000])
        {
            balances.Add(microseconds);
        }

        pages.Add(4_000);
        var before = Reading(clock, cpu: 0, machine: 0, answered: 100, statements: 50, hits: 10, misses: 10);
        clock.Advance(TimeSpan.FromSeconds(4));
        var after = Reading(clock, cpu: 1_000_000, machine: 2_000_000, answered: 1_700, statements: 850, hits: 18, misses: 12);
        var result = new LoadResult
        {
            Latency = balances.Latency,
            Committed = 1_200,
            Seconds = 4,
            Sent = 1_200,
            Refused = 0,
            Unknown = 0,
            Dropped = 0,
            Wrong = wrong,
            FirstWrongAnswer = wrong > 0 ? "Balance of account 6" : null,
            BacklogPeak = 0,
            Statuses = new Dictionary<int, long>(),
            FirstOddAnswer = null,
            Kinds = new Dictionary<RequestKind, KindTally> { [RequestKind.Balance] = balances, [RequestKind.FirstPage] = pages },
            Proofs = [],
            Before = before,
            After = after,
        };
        var options = new LoadOptions
        {
            Mix = LoadMix.Members,
            Connections = 64,
            Seed = 1,
        };
        return ReadsRun.Of("on", options, result, [], clock);
    }

    private static MeterReading Reading(
        FakeTimeProvider clock,
        long cpu,
        long machine,
        long answered,
        long statements,
        long hits,
        long misses
    ) =>
        new(
            clock.GetTimestamp(),
            new Dictionary<string, long> { ["postgres"] = cpu },
            machine,
            0,
            answered,
            new ServerCounts(
                statements,
                new Dictionary<(string, string), long> { [("balance", "hit")] = hits, [("balance", "miss")] = misses }
            )
        );
}
