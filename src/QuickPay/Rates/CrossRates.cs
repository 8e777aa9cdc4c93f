using System.Globalization;

namespace QuickPay.Rates;

/// <summary>
/// Rates from any currency to all others, through the base that they were published in: one KRW is (USD per EUR ÷ KRW per EUR) USD.
/// Decimal arithmetic, rounded once, half to even, to six significant digits.
/// </summary>
public static class CrossRates
{
    /// <summary>How many digits, from the first that is not zero.</summary>
    public const int Digits = 6;

    // All that a decimal has: no exponent, and no zeros at the end.
    private const string Plain = "0.############################";

    /// <summary>How much of each other currency one of <paramref name="base"/> is, in plain decimal figures.</summary>
    /// <returns>Null when the source does not know that currency.</returns>
    public static IReadOnlyDictionary<string, string>? From(DailyRates day, string @base)
    {
        if (day.Of(@base) is not { } divisor)
        {
            return null;
        }
        var rates = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var code in day.Codes.Where(code => code != @base))
        {
            var rate = day.Of(code)!.Value;
            // In the currency that it was published in nothing is crossed, and so nothing rounded.
            rates.Add(code, (@base == day.Base ? rate : Divide(rate, divisor)).ToString(Plain, CultureInfo.InvariantCulture));
        }
        return rates;
    }

    /// <summary>The quotient of two figures above zero of at most 15 digits each.</summary>
    internal static decimal Divide(decimal dividend, decimal divisor)
    {
        // Between 1 and 10 the quotient has all of a decimal's 28 digits: enough to tell on which side of a half it is.
        var places = 0;
        for (; dividend < divisor; places++)
        {
            dividend *= 10;
        }
        for (; dividend >= divisor * 10; places--)
        {
            divisor *= 10;
        }
        var quotient = Math.Round(dividend / divisor, Digits - 1, MidpointRounding.ToEven);
        for (; places > 0; places--)
        {
            quotient /= 10;
        }
        for (; places < 0; places++)
        {
            quotient *= 10;
        }
        return quotient;
    }
}
