using QuickPay.Cli.Drills;

namespace QuickPay.Tests.Drills;

public sealed class AvailabilityTests
{
    private static readonly FailureRate[] TwoKinds = [new("api", 12, "a reason"), new("database", 4, "a reason")];

    [Fact]
    public void Downtime_is_rate_times_outage_times_the_share_that_it_hits()
    {
        var month = Availability.Of([Measured("api", 2, 0.2), Measured("database", 15, 1)], TwoKinds);

        // Once a month 2 s for a fifth, and a third of 15 s for all.
        Assert.Equal(5.4, month.DowntimeAMonth.TotalSeconds, 6);
        Assert.Equal(["database", "api"], month.Lines.Select(line => line.Kind));
        Assert.Equal([5.0, 0.4], month.Lines.Select(line => Math.Round(line.DowntimeAMonth.TotalSeconds, 6)));
        Assert.Equal((12 * 2 + 4 * 15) / 16.0, month.MeanTimeToRepair.TotalSeconds, 6);
        Assert.Equal(1 - 5.4 / (730.5 * 3_600), month.Share, 12);
        Assert.Equal(5.6875, month.Nines!.Value, 4);
        Assert.True(month.KeepsThePromise);
    }

    [Fact]
    public void The_budget_is_what_99_99_percent_leaves_of_a_month()
    {
        Assert.Equal(4.383, Availability.BudgetAMonth.TotalMinutes, 3);
        var whole = Availability.Of([Measured("zone", Availability.BudgetAMonth.TotalSeconds, 1)], [new("zone", 12, "")]);
        Assert.Equal(4, whole.Nines!.Value, 6);
        Assert.Equal(0, whole.LeftAMonth.TotalSeconds, 3);
    }

    [Fact]
    public void Over_the_budget_or_too_slow_to_repair_breaks_the_promise()
    {
        Assert.False(Availability.Of([Measured("zone", 100, 1)], [new("zone", 60, "")]).KeepsThePromise);
        // 0.01 a year are nothing in a month, but repair takes over two minutes.
        Assert.False(Availability.Of([Measured("zone", 121, 1)], [new("zone", 0.01, "")]).KeepsThePromise);
        Assert.True(Availability.Of([Measured("zone", 119, 1)], [new("zone", 0.01, "")]).KeepsThePromise);
    }

    [Fact]
    public void What_was_not_measured_proves_nothing()
    {
        var month = Availability.Of([Measured("api", 0, 0)], TwoKinds);

        Assert.Equal(["database"], month.NotMeasured);
        Assert.False(month.KeepsThePromise);
        Assert.True(Availability.Of([Measured("api", 0, 0)], [new("api", 1, ""), new("zone", 0, "never")]).KeepsThePromise);
    }

    [Fact]
    public void Of_several_drills_the_worst_counts()
    {
        var line = Assert.Single(
            Availability.Of([Measured("api", 1, 1), Measured("api", 9, 0.1), Measured("api", 5, 0.5)], [new("api", 1, "")]).Lines
        );

        Assert.Equal((TimeSpan.FromSeconds(9), 1.0), (line.Outage, line.ShareAffected));
    }

    [Fact]
    public void No_downtime_is_no_number_of_nines()
    {
        var month = Availability.Of([Measured("api", 0, 1)], [new("api", 12, "")]);

        Assert.Null(month.Nines);
        Assert.Equal(1, month.Share);
        Assert.True(month.KeepsThePromise);
    }

    [Fact]
    public void More_downtime_than_time_is_no_availability()
    {
        var month = Availability.Of([Measured("api", 86_400, 1)], [new("api", 10_000, "")]);

        Assert.Equal((0, 0.0), (month.Share, month.Nines));
    }

    [Theory]
    [InlineData("flood", 1, 1)]
    [InlineData("api", -1, 1)]
    [InlineData("api", 1, 1.01)]
    public void Figures_that_cannot_be_are_refused(string kind, double seconds, double share) =>
        Assert.Throws<ArgumentException>(() => Availability.Of([Measured(kind, seconds, share)], TwoKinds));

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_rate_that_cannot_be_is_refused(double perYear) =>
        Assert.Throws<ArgumentException>(() => Availability.Of([], [new("api", perYear, "")]));

    [Fact]
    public void A_kind_has_one_rate() =>
        Assert.Throws<ArgumentException>(() => Availability.Of([Measured("api", 1, 1)], [new("api", 1, ""), new("api", 2, "")]));

    /// <summary>The case study's own failure table: its recoveries and its 99.99 % go together, at the assumed rates.</summary>
    [Fact]
    public void Every_promised_recovery_at_the_assumed_rates_keeps_the_budget()
    {
        var promised = Availability.Of(
            [
                Measured("api", 30, 1),
                Measured("database", 120, 1),
                Measured("redis", 30, 1),
                Measured("zone", 120, 1),
                Measured("rolling-upgrade", 0, 0),
            ],
            FailureRate.Defaults
        );

        Assert.Equal((12 * 30 + 4 * 120 + 4 * 30 + 0.5 * 120) / 12, promised.DowntimeAMonth.TotalSeconds, 6);
        Assert.True(promised.KeepsThePromise);
        Assert.All(FailureRate.Defaults, rate => Assert.True(rate is { PerYear: > 0, Reason.Length: > 10 }, rate.ToString()));
    }

    private static MeasuredRecovery Measured(string kind, double seconds, double share) => new(kind, TimeSpan.FromSeconds(seconds), share);
}
