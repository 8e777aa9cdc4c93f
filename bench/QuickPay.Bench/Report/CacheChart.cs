using static System.FormattableString;

namespace QuickPay.Bench.Report;

/// <summary>The chart of a comparison, with what it takes to read it.</summary>
internal static class CacheChart
{
    public static string Render(CacheEffect effect, Machine machine) =>
        CacheSvg.Render(
            "QuickPay with caches off and on",
            Invariant($"95 % reads, 5 % transfers. Queries, processor time and response times at {effect.Rate:N0} requests/s; ")
                + Invariant($"medians of {effect.Rounds.Count} rounds, {machine.Cores} cores."),
            effect.Measures
        );
}
