using QuickPay.Bench.Report;

namespace QuickPay.Tests.Bench;

/// <summary>Runs as they might have been.</summary>
internal static class ReadsRuns
{
    public static ReadsRun Run(
        string side = "on",
        double perSecond = 1_000,
        double p50 = 1,
        double statements = 100,
        double databaseCores = 0.5,
        double? rate = null,
        IReadOnlyDictionary<string, double>? hits = null
    ) =>
        new()
        {
            Side = side,
            Load = "mix",
            Rate = rate,
            Connections = 64,
            Seconds = 10,
            PerSecond = perSecond,
            LatencyMs = new LatencyReport(p50, 3 * p50, 9 * p50, 20 * p50, 40 * p50),
            Kinds = new Dictionary<string, KindReport>(),
            StatementsPerSecond = statements,
            StatementsPerRequest = statements / perSecond,
            Cpu = new Dictionary<string, PartCpu>
            {
                ["api"] = new(0.5, 50),
                ["redis"] = new(0.1, 10),
                ["postgres"] = new(databaseCores, 20),
                ["generator"] = new(0.1, 10),
            },
            OtherProgramsCores = 0,
            HitRates = hits ?? new Dictionary<string, double>(),
            Refused = 0,
            Unknown = 0,
            Dropped = 0,
            FirstOddAnswer = null,
            Proof = [],
        };

    /// <summary>A round in which caches save nine tenths of the queries, four fifths of the processor time, and answer in a fifth of the time.</summary>
    public static MixRound Round(double scale = 1, double held = 1) =>
        new(
            new MixPair(Run("off", 1_000, p50: 5 * scale, statements: 2_000, databaseCores: 0.5, rate: 1_000), Run("off", 2_000 * scale)),
            new MixPair(
                Run(
                    "on",
                    1_000 * held,
                    p50: 1 * scale,
                    statements: 200,
                    databaseCores: 0.1,
                    rate: 1_000,
                    hits: new Dictionary<string, double> { ["balance"] = 0.9 + scale / 100 }
                ),
                Run("on", 21_000 * scale)
            )
        );
}
