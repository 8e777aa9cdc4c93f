using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Traffic;

namespace QuickPay.Tests.Drills;

public sealed class TrafficScheduleTests
{
    private const int Members = 20;
    private static readonly TrafficOptions Options = new() { Rate = 200, Seed = 20261123 };

    [Fact]
    public void The_same_seed_makes_the_same_schedule_and_another_seed_another()
    {
        var schedule = Take(Options, 5_000);

        Assert.Equal(schedule, Take(Options with { Run = "another" }, 5_000));
        Assert.NotEqual(schedule, Take(Options with { Seed = Options.Seed + 1 }, 5_000));
    }

    /// <summary>A rate that does not divide a second must not drift either.</summary>
    [Theory]
    [InlineData(200)]
    [InlineData(7)]
    [InlineData(700)]
    public void Operations_are_due_evenly_and_keep_their_rate(int rate)
    {
        var schedule = Take(Options with { Rate = rate }, 60 * rate + 1);

        Assert.Equal(Enumerable.Range(1, schedule.Count).Select(n => (long)n), schedule.Select(planned => planned.Number));
        Assert.Equal(TimeSpan.FromMinutes(1), schedule[^1].Due);
        var distances = schedule.Zip(schedule.Skip(1), (one, next) => next.Due - one.Due).ToList();
        Assert.True(distances.Max() - distances.Min() <= TimeSpan.FromTicks(1));
    }

    [Fact]
    public void Kinds_come_in_their_shares()
    {
        var kinds = Take(Options with { LogInsPerSecondMax = 1_000 }, 20_000).CountBy(planned => planned.Kind).ToDictionary();

        Assert.Equal(1_000, kinds[OperationKind.LogIn]);
        // Drawn: 10,000 with a standard deviation of 69.
        Assert.InRange(kinds[OperationKind.Transfer], 9_700, 10_300);
        Assert.Equal(20_000, kinds.Values.Sum());
    }

    [Fact]
    public void Log_ins_are_capped_and_come_at_even_distances_to_everybody_in_turn()
    {
        var schedule = Take(Options, 60 * Options.Rate);
        var logIns = schedule.Where(planned => planned.Kind == OperationKind.LogIn).ToList();

        Assert.Equal(120, logIns.Count);
        Assert.All(logIns.Zip(logIns.Skip(1), (one, next) => next.Number - one.Number), distance => Assert.Equal(100, distance));
        Assert.All(logIns.CountBy(planned => planned.Member), member => Assert.Equal(6, member.Value));
        // Balances take their place, not transfers.
        Assert.InRange(schedule.Count(planned => planned.Kind == OperationKind.Transfer), 5_700, 6_300);
    }

    [Fact]
    public void Transfers_go_from_everybody_to_everybody_else()
    {
        var transfers = Take(Options, 20_000).Where(planned => planned.Kind == OperationKind.Transfer).ToList();

        Assert.All(transfers, planned => Assert.NotEqual(planned.Member, planned.To));
        Assert.Equal(Members * (Members - 1), transfers.Select(planned => (planned.Member, planned.To)).Distinct().Count());
        Assert.Equal((1, Options.AmountMax), (transfers.Min(planned => planned.Amount), transfers.Max(planned => planned.Amount)));
    }

    private static List<PlannedOperation> Take(TrafficOptions options, int count) => [.. TrafficSchedule.Of(options, Members).Take(count)];
}
