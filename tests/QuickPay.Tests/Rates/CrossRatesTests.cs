using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using CsCheck;
using QuickPay.Rates;

namespace QuickPay.Tests.Rates;

/// <summary>Rates between any two currencies, through the one that they were published in.</summary>
public sealed partial class CrossRatesTests
{
    private static readonly DailyRates Day = new(
        new DateOnly(2026, 11, 20),
        "EUR",
        new Dictionary<string, decimal>
        {
            ["USD"] = 1.16m,
            ["KRW"] = 1708.20m,
            ["JPY"] = 180m,
        }
    );

    /// <summary>A figure as a source may publish it: 1 to 15 digits, between a billionth and a billion.</summary>
    private static readonly Gen<decimal> Figure = Gen.Select(
            Gen.OneOf(Gen.Long[1, 999_999], Gen.Long[1, 999_999_999_999_999]),
            Gen.Int[0, 15],
            (digits, scale) => new decimal((int)digits, (int)(digits >> 32), 0, false, (byte)scale)
        )
        .Where(figure => figure is >= 0.000_000_001m and <= 1_000_000_000m);

    /// <summary>Any two, and now and then two whose quotient is exactly half between two figures.</summary>
    private static readonly Gen<(decimal Dividend, decimal Divisor)> Pair = Gen.Frequency(
        (3, Gen.Select(Figure, Figure)),
        (1, Gen.Select(Gen.Int[100_000, 999_999], Gen.OneOf(1m, 10m, 0.001m), (digits, divisor) => (digits * 10m + 5, divisor)))
    );

    [Fact]
    public void A_won_is_worth_so_much_of_each_other_currency() =>
        Assert.Equal(
            [KeyValuePair.Create("EUR", "0.000585412"), KeyValuePair.Create("JPY", "0.105374"), KeyValuePair.Create("USD", "0.000679077")],
            CrossRates.From(Day, "KRW")!
        );

    [Fact]
    public void In_the_currency_of_the_source_they_are_what_it_says() =>
        Assert.Equal(
            [
                KeyValuePair.Create("IDR", "17961.91"),
                KeyValuePair.Create("JPY", "180"),
                KeyValuePair.Create("KRW", "1708.2"),
                KeyValuePair.Create("USD", "1.16"),
            ],
            CrossRates.From(Day with { Rates = new Dictionary<string, decimal>(Day.Rates) { ["IDR"] = 17_961.91m } }, "EUR")!
        );

    [Fact]
    public void A_currency_that_the_source_does_not_know_has_none() => Assert.Null(CrossRates.From(Day, "XAU"));

    /// <summary>Exactly half between two figures: to the even one.</summary>
    [Theory]
    [InlineData("1.000005", "1")]
    [InlineData("1.000015", "1.00002")]
    [InlineData("1.000025", "1.00002")]
    [InlineData("1.0000250000001", "1.00003")]
    [InlineData("999999.5", "1000000")]
    [InlineData("123456.5", "123456")]
    [InlineData("0.0001234565", "0.000123456")]
    public void Halves_go_to_the_even_digit(string quotient, string rounded) =>
        Assert.Equal(rounded, One(decimal.Parse(quotient, CultureInfo.InvariantCulture), 1));

    [Fact]
    public void The_smallest_and_the_largest_are_plain_figures_too()
    {
        Assert.Equal("0.000000000000000001", One(0.000_000_001m, 1_000_000_000m));
        Assert.Equal("1000000000000000000", One(1_000_000_000m, 0.000_000_001m));
    }

    [Fact]
    public void Every_quotient_is_rounded_once_and_half_to_even() =>
        Pair.Sample(pair => Parse(One(pair.Dividend, pair.Divisor)) == Exactly(pair.Dividend, pair.Divisor));

    [Fact]
    public void Every_rate_is_a_plain_figure_above_zero_of_six_digits_at_most() =>
        Gen.Select(Figure, Figure)
            .Sample((dividend, divisor) => One(dividend, divisor) is var text && PlainFigure().IsMatch(text) && DigitsOf(text) <= 6);

    /// <summary>Each of the two is off by half of its sixth digit at most, which is 5 in a million.</summary>
    [Fact]
    public void There_and_back_again_is_one_within_the_rounding() =>
        Gen.Select(Figure, Figure).Sample((one, other) => Math.Abs(Parse(One(one, other)) * Parse(One(other, one)) - 1) <= 0.000_010_1m);

    private static string One(decimal rate, decimal baseRate)
    {
        var day = Day with
        {
            Rates = new Dictionary<string, decimal> { ["USD"] = rate, ["KRW"] = baseRate },
        };
        return CrossRates.From(day, "KRW")!["USD"];
    }

    /// <summary>The same by whole numbers alone: nothing in it can be off.</summary>
    private static decimal Exactly(decimal dividend, decimal divisor)
    {
        var (over, under) = (Whole(dividend), Whole(divisor));
        var exponent = 0;
        for (; over < under * 100_000; exponent--)
        {
            over *= 10;
        }
        for (; over >= under * 1_000_000; exponent++)
        {
            under *= 10;
        }
        var (digits, rest) = BigInteger.DivRem(over, under);
        var half = (rest * 2).CompareTo(under);
        digits += half > 0 || (half == 0 && !digits.IsEven) ? 1 : 0;
        var result = (decimal)digits;
        for (; exponent < 0; exponent++)
        {
            result /= 10;
        }
        for (; exponent > 0; exponent--)
        {
            result *= 10;
        }
        return result;
    }

    private static BigInteger Whole(decimal figure) => new(figure * 1_000_000_000_000_000m);

    private static decimal Parse(string text) => decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static int DigitsOf(string text) => text.Replace(".", "", StringComparison.Ordinal).Trim('0').Length;

    [GeneratedRegex(@"^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?\z")]
    private static partial Regex PlainFigure();
}
