namespace QuickPay.Cli.Scale;

/// <summary>One figure that was measured, beside the simulated one.</summary>
/// <param name="Run">What was measured.</param>
/// <param name="Figure">Which figure of it.</param>
/// <param name="Measured">In docs/benchmarks.md.</param>
/// <param name="Simulated">By one ledger.</param>
/// <param name="Tolerance">How far off it may be; null: shown, not held.</param>
internal sealed record CalibrationFigure(string Run, string Figure, double Measured, double Simulated, double? Tolerance)
{
    /// <summary>0.05: simulated is 5 % above measured.</summary>
    public double Error => Simulated / Measured - 1;

    public bool Held => Tolerance is not { } most || Math.Abs(Error) <= most;
}

/// <summary>One simulated ledger against the measured one. P99 is not held: the model knows no collector, no checkpoint and no other programs.</summary>
internal static class Calibration
{
    private const double Tolerance = 0.15;
    private const double ToleranceOfP95 = 0.20;

    private sealed record Run(string Name, ScaleLoad Load, double? PerSecond, double? P50, double? P95, double? P99);

    private static readonly Run[] Runs =
    [
        new(
            "500/s, open loop",
            new()
            {
                Ledgers = 1,
                Rate = 500,
                Seconds = 10,
            },
            null,
            1.13,
            null,
            3.60
        ),
        // Straight to the API, in the chapter on the edge; so are the 64 connections.
        new(
            "1,000/s, open loop",
            new()
            {
                Ledgers = 1,
                Rate = 1_000,
                Seconds = 10,
            },
            null,
            1.09,
            null,
            5.3
        ),
        new(
            "2,000/s, open loop",
            new()
            {
                Ledgers = 1,
                Rate = 2_000,
                Seconds = 10,
            },
            null,
            1.9,
            3.1,
            5.7
        ),
        new(
            "64 connections",
            new()
            {
                Ledgers = 1,
                Connections = 64,
                Seconds = 8,
            },
            12_900,
            null,
            null,
            null
        ),
        new(
            "512 connections",
            new()
            {
                Ledgers = 1,
                Connections = 512,
                Seconds = 8,
            },
            19_448,
            25.7,
            36.9,
            45.1
        ),
        new(
            "512 connections, Zipf 2.0",
            new()
            {
                Ledgers = 1,
                Connections = 512,
                Skew = 2,
                Seconds = 8,
            },
            24_592,
            19.7,
            30.5,
            58.3
        ),
    ];

    public static IReadOnlyList<CalibrationFigure> Of(PostingCosts costs, int seed) =>
        [.. Runs.SelectMany(run => Figures(run, new ScaleSimulation(run.Load with { Seed = seed }, costs).Run()))];

    private static IEnumerable<CalibrationFigure> Figures(Run run, ScaleRun simulated)
    {
        if (run.PerSecond is { } perSecond)
            yield return new(run.Name, "transfers/s", perSecond, simulated.PerSecond, Tolerance);
        if (run.P50 is { } p50)
            yield return new(run.Name, "P50 ms", p50, simulated.P50Ms, Tolerance);
        if (run.P95 is { } p95)
            yield return new(run.Name, "P95 ms", p95, simulated.P95Ms, ToleranceOfP95);
        if (run.P99 is { } p99)
            yield return new(run.Name, "P99 ms", p99, simulated.P99Ms, null);
    }
}
