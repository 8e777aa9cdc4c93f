namespace QuickPay.Rates;

/// <summary>What a source published for one day.</summary>
/// <param name="AsOf">The day that the source says.</param>
/// <param name="Base">The currency that all are given in, by its ISO 4217 letters; it is not among the rates.</param>
/// <param name="Rates">How much of each currency one of the base is.</param>
public sealed record DailyRates(DateOnly AsOf, string Base, IReadOnlyDictionary<string, decimal> Rates)
{
    /// <summary>All currencies, the base too.</summary>
    public IEnumerable<string> Codes => Rates.Keys.Append(Base);

    /// <summary>Whether this is written like an ISO 4217 code: three capital letters.</summary>
    public static bool IsCode(string? text) => text is [>= 'A' and <= 'Z', >= 'A' and <= 'Z', >= 'A' and <= 'Z'];

    /// <summary>How much of a currency one of the base is; null for one that the source does not know.</summary>
    public decimal? Of(string code) =>
        code == Base ? 1
        : Rates.TryGetValue(code, out var rate) ? rate
        : null;
}
