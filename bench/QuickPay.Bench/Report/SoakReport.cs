using QuickPay.Bench.Measure;

namespace QuickPay.Bench.Report;

/// <summary>One minute of a long run.</summary>
internal sealed record MinuteReport(
    int Minute,
    double Tps,
    LatencyReport LatencyMs,
    long ApiMemoryBytes,
    long BalancesBytes,
    long BalancesDeadRows,
    long TransfersBytes
);

/// <summary>Whether a long run stayed as it began.</summary>
internal static class SoakJudgement
{
    // Differences below these are noise on any machine.
    private const double MedianAllowanceMs = 0.5;
    private const double TailAllowanceMs = 2;
    private const double MemoryAllowanceMib = 16;
    private const double TableAllowanceMib = 8;
    private const double Mebibyte = 1_048_576;

    /// <summary>Latency, memory and the hot table, last third against first. Transfers may grow: they are kept for good.</summary>
    public static IReadOnlyList<FlatnessVerdict> Judge(IReadOnlyList<MinuteReport> minutes) =>
        [
            Flatness.Judge("P50, ms", [.. minutes.Select(m => m.LatencyMs.P50)], MedianAllowanceMs),
            Flatness.Judge("P99, ms", [.. minutes.Select(m => m.LatencyMs.P99)], TailAllowanceMs),
            Flatness.Judge("API memory, MiB", [.. minutes.Select(m => m.ApiMemoryBytes / Mebibyte)], MemoryAllowanceMib),
            Flatness.Judge("balances, MiB", [.. minutes.Select(m => m.BalancesBytes / Mebibyte)], TableAllowanceMib),
        ];
}
