using QuickPay.Rates;

namespace QuickPay.Tests.Rates;

/// <summary>Which well-written rates are believed.</summary>
public sealed class RateChecksTests
{
    private static readonly DateOnly Friday = new(2026, 11, 20);
    private static readonly DailyRates Last = Day(Friday);

    [Fact]
    public void The_next_day_a_correction_and_the_same_again_are_believed()
    {
        RateChecks.Require(Day(Friday.AddDays(3)), Last, Friday.AddDays(3), 20);
        RateChecks.Require(Day(Friday, usd: 1.09m), Last, Friday, 20);
        RateChecks.Require(Last, Last, Friday, 20);
        RateChecks.Require(Last, null, Friday, 20);
    }

    [Fact]
    public void A_day_that_has_not_come_or_is_over_is_refused()
    {
        RefusedFor("in the future", Day(Friday.AddDays(1)));
        RefusedFor("before the last one", Day(Friday.AddDays(-1)));
    }

    [Theory]
    [InlineData("KRW")]
    [InlineData("USD")]
    public void Rates_without_a_currency_of_the_ledger_are_refused(string missing)
    {
        var day = Day(Friday);
        RefusedFor($"no {missing}", day with { Rates = day.Rates.Where(rate => rate.Key != missing).ToDictionary() });
    }

    [Fact]
    public void Rates_in_another_currency_than_before_are_refused() => RefusedFor("in CHF", Day(Friday) with { Base = "CHF" });

    [Theory]
    [InlineData("1.2000", true)]
    [InlineData("1.2001", false)]
    [InlineData("0.8334", true)]
    [InlineData("0.8333", false)]
    [InlineData("1000", false)]
    public void A_currency_may_move_by_the_given_part_and_no_more(string usd, bool isBelieved)
    {
        var day = Day(Friday, usd: decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture));
        if (isBelieved)
        {
            RateChecks.Require(day, Last, Friday, 20);
        }
        else
        {
            RefusedFor("USD jumps", day);
            RateChecks.Require(day, null, Friday, 20);
        }
    }

    [Fact]
    public void A_currency_that_comes_or_goes_is_no_jump()
    {
        var more = Day(Friday) with { Rates = new Dictionary<string, decimal>(Last.Rates) { ["JPY"] = 160 } };

        RateChecks.Require(more, Last, Friday, 20);
        RateChecks.Require(Last, more, Friday, 20);
    }

    private static DailyRates Day(DateOnly asOf, decimal usd = 1) =>
        new(asOf, "EUR", new Dictionary<string, decimal> { ["USD"] = usd, ["KRW"] = 1500 });

    private static void RefusedFor(string why, DailyRates offered) =>
        Assert.Contains(
            why,
            Assert.Throws<RatesRefusedException>(() => RateChecks.Require(offered, Last, Friday, 20)).Message,
            StringComparison.Ordinal
        );
}
