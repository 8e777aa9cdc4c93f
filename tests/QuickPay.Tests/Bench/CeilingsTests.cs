using QuickPay.Bench.Report;

namespace QuickPay.Tests.Bench;

public class CeilingsTests
{
    [Fact]
    public void Goals_are_judged_by_medians_over_the_rounds()
    {
        var ceilings = new Ceilings([Round(30_000, 24_000, 11_000), Round(28_000, 21_000, 10_000), Round(10_000, 9_000, 8_000)]);

        Assert.Equal(21_000, ceilings.BalancePerSecond);
        Assert.Equal(0.75, ceilings.BalanceOfEmpty, 1e-9);
        Assert.Equal(10_000.0 / 21_000, ceilings.PageOfBalance, 1e-9);
        Assert.Equal(0.25, ceilings.BalanceMs, 1e-9);
        Assert.Equal([true, true, true, false], ceilings.Goals.Select(goal => goal.Reached));
    }

    [Fact]
    public void Each_goal_can_be_missed()
    {
        var missed = new Ceilings([Round(30_000, 19_000, 10_000, balanceMs: 0.61)]);

        Assert.Equal([false, false, false, true], missed.Goals.Select(goal => goal.Reached));
    }

    private static CeilingRound Round(double empty, double balance, double page, double balanceMs = 0.45) =>
        new(Kind(empty, 0.2), Kind(balance, balanceMs), Kind(page, 0.6));

    private static CeilingRun Kind(double perSecond, double aloneMs) =>
        new(ReadsRuns.Run(perSecond: perSecond), ReadsRuns.Run(p50: aloneMs));
}
