using QuickPay.Bench.Measure;
using QuickPay.Bench.Proof;
using static System.FormattableString;

namespace QuickPay.Bench.Report;

/// <summary>Puts the results of reads into words for a person.</summary>
internal static class ReadsVerdict
{
    private const double OtherProgramsCoresMax = 0.1;

    public static void Write(BenchConsole console, Ceilings ceilings)
    {
        console.Table(
            Invariant(
                $"Reads with caches on, {ceilings.Rounds[0].Balance.AtMost.Connections} connections; medians of {ceilings.Rounds.Count} rounds"
            ),
            ["", "/s", "API µs", "Redis µs", "PostgreSQL µs", "generator µs", "queries", "from the cache", "alone: P50", "P99 ms"],
            [.. Ceilings.Kinds.Select(kind => Row(ceilings, kind.Name, kind.Of))]
        );
        console.Table(
            "Goals",
            ["", "measured", "goal", "reached"],
            [
                .. ceilings.Goals.Select(goal =>
                    (IReadOnlyList<string>)[goal.Name, Figure(goal.Measured), goal.Goal, goal.Reached ? "yes" : "NO"]
                ),
            ]
        );
        console.Line(
            "The empty answer is GET /v1/rates?base=xx with a session: past the session's check it is refused (400) from nothing. \"Alone\" is one "
                + "request after another on one connection; a balance's time in the server is the difference of both medians."
        );
        Disturbed(console, ceilings.Rounds.SelectMany(round => (ReadsRun[])[round.Empty.AtMost, round.Balance.AtMost, round.Page.AtMost]));
    }

    public static void Write(BenchConsole console, CacheEffect effect)
    {
        console.Table(
            Invariant(
                $"The mix at {effect.Rate:N0} requests/s, and at saturation; caches off and on in turn, medians of {effect.Rounds.Count} rounds"
            ),
            ["", "caches off", "caches on", "effect"],
            [
                .. effect.Measures.Select(measure =>
                    (IReadOnlyList<string>)[measure.Name, measure.OffText, measure.OnText, measure.Effect]
                ),
                Part(effect, "API processor time", "api"),
                Part(effect, "Redis processor time", "redis"),
                .. effect
                    .Rounds[0]
                    .Off.AtRate.Kinds.Keys.Select(kind =>
                        (IReadOnlyList<string>)
                            [
                                $"P50 of {kind}",
                                Invariant($"{effect.Off(pair => P50(pair, kind)):0.00} ms"),
                                Invariant($"{effect.On(pair => P50(pair, kind)):0.00} ms"),
                                "",
                            ]
                    ),
                ["connections at saturation", Connections(effect.Rounds[0].Off), Connections(effect.Rounds[0].On), ""],
                ["balances from the cache", "-", HitText(effect.HitRates, "balance"), ""],
                ["first pages from the cache", "-", HitText(effect.HitRates, "page"), ""],
            ]
        );
        WriteClaims(console, effect);
        if (!effect.RateHeld)
        {
            console.Line(Invariant($"The rate of {effect.Rate:N0}/s was not held by both: its response times are those of a queue."));
        }

        Disturbed(console, effect.Runs);
    }

    public static void WriteClaims(BenchConsole console, CacheEffect effect) =>
        console.Table(
            "What the case study says of caches",
            ["", "claimed", "measured", "reached"],
            [
                .. effect.Claims.Select(claim =>
                    (IReadOnlyList<string>)[claim.Name, claim.Claimed, claim.Measured, claim.Held ? "yes" : "NO"]
                ),
            ]
        );

    public static void Write(BenchConsole console, IReadOnlyList<ReadsRun> runs) =>
        console.Table(
            $"{runs[0].Load}, caches {runs[0].Side}",
            ["run", "/s", "P50", "P95", "P99 ms", "API µs", "Redis µs", "PostgreSQL µs", "queries", "from the cache"],
            [
                .. runs.Select(
                    (run, i) =>
                        (IReadOnlyList<string>)
                            [
                                Invariant($"{i + 1}"),
                                Invariant($"{run.PerSecond:N0}"),
                                Invariant($"{run.LatencyMs.P50:0.00}"),
                                Invariant($"{run.LatencyMs.P95:0.00}"),
                                Invariant($"{run.LatencyMs.P99:0.00}"),
                                Invariant($"{run.Cpu["api"].MicrosecondsPerRequest:0.0}"),
                                Invariant($"{run.Cpu["redis"].MicrosecondsPerRequest:0.0}"),
                                Invariant($"{run.Cpu["postgres"].MicrosecondsPerRequest:0.0}"),
                                Invariant($"{run.StatementsPerRequest:0.00}"),
                                HitText(run.HitRates),
                            ]
                ),
            ]
        );

    /// <summary>What is not as it should be, in whole; and one line.</summary>
    public static void WriteProof(BenchConsole console, IReadOnlyList<ReadsRun> runs, IReadOnlyList<ProofCheck> final)
    {
        foreach (var run in runs.Where(run => !run.Held))
        {
            Verdict.Write(console, $"{run.Load}, caches {run.Side}", run.Proof);
        }

        Verdict.Write(console, "quickpay", final);
        var (refused, unknown, dropped) = (runs.Sum(run => run.Refused), runs.Sum(run => run.Unknown), runs.Sum(run => run.Dropped));
        console.Line(Invariant($"In {runs.Count} runs refused {refused:N0}, unknown at first {unknown:N0}, never sent {dropped:N0}."));
        if (runs.FirstOrDefault(run => run.FirstOddAnswer is not null)?.FirstOddAnswer is { } odd)
        {
            console.Line($"First answer that was not as asked: {odd}");
        }

        console.Line(
            runs.All(run => run.Held) && final.All(check => check.Held)
                ? "The books hold, and no answer was wrong."
                : "IT DOES NOT HOLD: see above."
        );
    }

    public static string HitText(IReadOnlyDictionary<string, double> rates, string kind) =>
        rates.TryGetValue(kind, out var rate) ? Invariant($"{rate:0.0%}") : "-";

    private static string HitText(IReadOnlyDictionary<string, double> rates) =>
        rates.Count == 0 ? "-" : string.Join(", ", rates.Select(rate => Invariant($"{rate.Key} {rate.Value:0.0%}")));

    private static string Connections(MixPair pair) => Invariant($"{pair.AtMost.Connections}");

    private static double P50(MixPair pair, string kind) => pair.AtRate.Kinds.TryGetValue(kind, out var report) ? report.LatencyMs.P50 : 0;

    private static IReadOnlyList<string> Part(CacheEffect effect, string name, string role) =>
        [
            name,
            Invariant($"{effect.Off(pair => pair.AtRate.Cpu[role].Cores):0.00} cores"),
            Invariant($"{effect.On(pair => pair.AtRate.Cpu[role].Cores):0.00} cores"),
            "",
        ];

    private static IReadOnlyList<string> Row(Ceilings ceilings, string name, Func<CeilingRound, CeilingRun> of)
    {
        string Microseconds(string role) => Invariant($"{ceilings.Median(round => of(round).AtMost.Cpu[role].MicrosecondsPerRequest):0.0}");
        return
        [
            name,
            Invariant($"{ceilings.Median(round => of(round).AtMost.PerSecond):N0}"),
            Microseconds("api"),
            Microseconds("redis"),
            Microseconds("postgres"),
            Microseconds("generator"),
            Invariant($"{ceilings.Median(round => of(round).AtMost.StatementsPerRequest):0.00}"),
            HitText(of(ceilings.Rounds[^1]).AtMost.HitRates),
            Invariant($"{ceilings.Median(round => of(round).Alone.LatencyMs.P50):0.000}"),
            Invariant($"{ceilings.Median(round => of(round).Alone.LatencyMs.P99):0.000}"),
        ];
    }

    private static string Figure(double value) => value >= 100 ? Invariant($"{value:N0}") : Invariant($"{value:0.000}");

    private static void Disturbed(BenchConsole console, IEnumerable<ReadsRun> runs)
    {
        var others = Flatness.Median(runs.Select(run => run.OtherProgramsCores));
        if (others > OtherProgramsCoresMax)
        {
            console.Line(Invariant($"Other programs kept {others:0.00} cores busy meanwhile: these figures are of a disturbed machine."));
        }
    }
}
