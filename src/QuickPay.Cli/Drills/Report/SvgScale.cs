namespace QuickPay.Cli.Drills.Report;

/// <summary>A scale from 0 in round steps.</summary>
/// <param name="Step">1, 2 or 5, times a power of ten.</param>
/// <param name="Max">The first step that is not below what is to be shown; never 0.</param>
internal sealed record SvgScale(double Step, double Max)
{
    public IEnumerable<double> Steps => Enumerable.Range(0, (int)Math.Round(Max / Step) + 1).Select(n => n * Step);

    /// <param name="steps">About how many.</param>
    public static SvgScale Of(double largest, int steps = 4)
    {
        if (largest <= 0)
            return new SvgScale(1, 1);
        var rough = largest / steps;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step =
            power
            * (rough / power) switch
            {
                <= 1 => 1,
                <= 2 => 2,
                <= 5 => 5,
                _ => 10,
            };
        return new SvgScale(step, Math.Ceiling(largest / step) * step);
    }
}
