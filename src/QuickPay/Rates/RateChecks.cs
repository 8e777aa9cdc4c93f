using QuickPay.Money;

namespace QuickPay.Rates;

/// <summary>Whether a day's rates, well written as they may be, are believed.</summary>
public static class RateChecks
{
    /// <summary>Compares what a source says with the last that it said and was believed.</summary>
    /// <param name="offered">What it says now.</param>
    /// <param name="last">Null when there was none yet.</param>
    /// <param name="today">In UTC.</param>
    /// <param name="jumpMaxPercent">A currency that moved by more is a mistake, until an operator says otherwise.</param>
    /// <exception cref="RatesRefusedException">It is not believed.</exception>
    public static void Require(DailyRates offered, DailyRates? last, DateOnly today, int jumpMaxPercent)
    {
        if (offered.AsOf > today)
        {
            throw new RatesRefusedException($"Its date, {offered.AsOf:yyyy-MM-dd}, is in the future.");
        }
        foreach (var currency in Enum.GetValues<Currency>())
        {
            if (offered.Of(currency.Code()) is null)
            {
                throw new RatesRefusedException($"It has no {currency.Code()}.");
            }
        }
        if (last is null)
        {
            return;
        }
        if (offered.AsOf < last.AsOf)
        {
            throw new RatesRefusedException($"Its date, {offered.AsOf:yyyy-MM-dd}, is before the last one's, {last.AsOf:yyyy-MM-dd}.");
        }
        if (offered.Base != last.Base)
        {
            throw new RatesRefusedException($"It is in {offered.Base}, and the last one in {last.Base}.");
        }
        foreach (var (code, rate) in offered.Rates)
        {
            // As a ratio: in percent of what it was, no fall could ever be more than a hundred.
            if (last.Of(code) is { } before && Math.Max(rate, before) * 100 > Math.Min(rate, before) * (100 + jumpMaxPercent))
            {
                throw new RatesRefusedException($"{code} jumps from {before} to {rate}, by more than {jumpMaxPercent} %.");
            }
        }
    }
}
