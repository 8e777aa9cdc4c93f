namespace QuickPay.Bench.Measure;

/// <summary>How a series held over a long run.</summary>
/// <param name="Name">What was measured, with its unit.</param>
/// <param name="First">Median of the first third.</param>
/// <param name="Last">Median of the last third.</param>
/// <param name="Flat">The last third is not worse than allowed.</param>
internal sealed record FlatnessVerdict(string Name, double First, double Last, bool Flat)
{
    /// <summary>Change from the first third to the last: 0.1 = a tenth more.</summary>
    public double Change => First == 0 ? 0 : Last / First - 1;
}

/// <summary>
/// Judges whether a long run stays as it began: the median of the last third may be at most 20 % above the median of the first.
/// Lower is better in every series judged here, so a fall is never a fault. Medians, because one checkpoint is not a trend.
/// </summary>
internal static class Flatness
{
    public const double GrowthMax = 0.20;

    /// <param name="name">What was measured.</param>
    /// <param name="values">One value a minute (or run), in order of time.</param>
    /// <param name="allowance">A difference too small to matter, in the series' unit: 20 % of half a millisecond is noise.</param>
    public static FlatnessVerdict Judge(string name, IReadOnlyList<double> values, double allowance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Count, 3, nameof(values));
        var third = values.Count / 3;
        var first = Median(values.Take(third));
        var last = Median(values.Skip(values.Count - third));
        return new FlatnessVerdict(name, first, last, last <= first * (1 + GrowthMax) || last - first <= allowance);
    }

    /// <summary>Judges values of runs of different size against the first: each within ±20 % of it.</summary>
    public static bool WithinOf(double reference, double value) => Math.Abs(value - reference) <= GrowthMax * reference;

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
