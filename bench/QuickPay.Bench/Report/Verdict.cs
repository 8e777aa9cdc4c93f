using QuickPay.Bench.Measure;
using QuickPay.Bench.Proof;
using static System.FormattableString;

namespace QuickPay.Bench.Report;

/// <summary>Puts results into words for a person.</summary>
internal static class Verdict
{
    /// <summary>What every way to the API has in common.</summary>
    private static readonly string[] Shared = ["api", "postgres", "redis", "generator"];

    private const double OtherProgramsCoresMax = 0.1;
    private const double Mebibyte = 1_048_576;

    public static void Write(BenchConsole console, TransfersReport report)
    {
        var load = report.Rate is { } rate ? Invariant($"open loop at {rate:N0}/s") : "closed loop";
        var (latency, cpu) = (report.LatencyMs, report.Cpu);
        console.Table(
            Invariant($"{report.Target}: {report.Tps:N0} committed transfers/s"),
            ["", "figure"],
            [
                [
                    "load",
                    Invariant(
                        $"{load}, {report.Connections} connections, Zipf {report.Skew}, {report.Accounts:N0} accounts, {report.Seconds} s"
                    ),
                ],
                ["committed", Invariant($"{report.Committed:N0} in the window")],
                [
                    "latency, ms",
                    Invariant(
                        $"P50 {latency.P50:0.00}  P95 {latency.P95:0.00}  P99 {latency.P99:0.00}  P99.9 {latency.P999:0.00}  max {latency.Max:0.0}"
                    ),
                ],
                ["refused, unknown, dropped", Invariant($"{report.Refused:N0}, {report.Unknown:N0}, {report.Dropped:N0}")],
                ["CPU, cores", string.Join("  ", cpu.Select(role => Invariant($"{role.Key} {role.Value.Cores:0.00}")))],
                [
                    "CPU, µs a transfer",
                    string.Join("  ", cpu.Select(role => Invariant($"{role.Key} {role.Value.MicrosecondsPerTransfer:0.0}"))),
                ],
                [
                    "API memory",
                    Invariant($"{report.ApiMemoryBytes / Mebibyte:0} MiB, at most {report.ApiMemoryPeakBytes / Mebibyte:0} MiB"),
                ],
                ["WAL", Invariant($"{report.WalBytesPerTransfer:N0} bytes a transfer")],
            ]
        );
        if (report.OtherProgramsCores > OtherProgramsCoresMax)
        {
            console.Line(
                Invariant(
                    $"Other programs kept {report.OtherProgramsCores:0.00} cores busy meanwhile: on a quiet machine the figures are better."
                )
            );
        }

        if (report.FirstOddAnswer is not null)
        {
            console.Line($"First answer that was not 201: {report.FirstOddAnswer}");
        }

        if (report.Rate is { } wanted && report.Tps < wanted * 0.99)
        {
            console.Line(Invariant($"The rate was not held: {report.Tps:N0}/s of {wanted:N0}/s."));
        }

        Write(console, report.Target, report.Proof);
    }

    public static void Write(BenchConsole console, string target, IReadOnlyList<ProofCheck> proof) =>
        console.Table(
            $"{target}: {(proof.All(check => check.Held) ? "the books hold" : "THE BOOKS DO NOT HOLD")}",
            ["proof", "", "found"],
            [.. proof.Select(check => (IReadOnlyList<string>)[check.Name, check.Held ? "yes" : "NO", check.Detail])]
        );

    public static void Write(BenchConsole console, CompareReport compare)
    {
        var rounds = compare.Rounds;
        console.Table(
            "Committed transfers/s, in turn",
            ["round", "quickpay", "express", "pgbench"],
            [
                .. rounds.Select(
                    (round, i) =>
                        (IReadOnlyList<string>)
                            [
                                Invariant($"{i + 1}"),
                                Invariant($"{round.QuickPay.Tps:N0}"),
                                Invariant($"{round.Express.Tps:N0}"),
                                Invariant($"{round.Pgbench.Tps:N0}"),
                            ]
                ),
                [
                    "median",
                    Invariant($"{compare.Median(r => r.QuickPay.Tps):N0}"),
                    Invariant($"{compare.Median(r => r.Express.Tps):N0}"),
                    Invariant($"{compare.Median(r => r.Pgbench.Tps):N0}"),
                ],
                [
                    "P99, ms",
                    Invariant($"{compare.Median(r => r.QuickPay.LatencyMs.P99):0.0}"),
                    Invariant($"{compare.Median(r => r.Express.LatencyMs.P99):0.0}"),
                    "",
                ],
                [
                    "at",
                    Invariant($"{rounds[0].QuickPay.Connections} connections"),
                    Invariant($"{rounds[0].Express.Connections} connections"),
                    Invariant($"{rounds[0].Pgbench.Clients} clients"),
                ],
                ["quickpay is", "", Invariant($"{compare.Ratios.Express:0.0}×"), Invariant($"{compare.Ratios.Pgbench:0.0}×")],
            ]
        );
        console.Line($"Express baseline: {rounds[0].Express.Description}");
        var others = compare.Median(r => Math.Max(r.QuickPay.OtherProgramsCores, r.Express.OtherProgramsCores));
        if (others > OtherProgramsCoresMax)
        {
            console.Line(Invariant($"Other programs kept {others:0.00} cores busy meanwhile: these ratios are of a disturbed machine."));
        }

        foreach (var (target, proof) in rounds.SelectMany(Proofs).Where(part => !part.Proof.All(check => check.Held)))
        {
            Write(console, target, proof);
        }

        console.Line(compare.Held ? "The books of all three hold." : "THE BOOKS DO NOT HOLD: see above.");
    }

    public static void Write(BenchConsole console, IReadOnlyList<MinuteReport> minutes, IReadOnlyList<FlatnessVerdict> flatness)
    {
        console.Table(
            "Minute by minute",
            ["minute", "transfers/s", "P50 ms", "P99 ms", "P99.9 ms", "API MiB", "balances MiB", "dead rows", "transfers MiB"],
            [.. minutes.Select(Row)]
        );
        console.Table(
            "Last third against first third (at most 20 % more)",
            ["", "first", "last", "change", "flat"],
            [
                .. flatness.Select(f =>
                    (IReadOnlyList<string>)
                        [
                            f.Name,
                            Invariant($"{f.First:0.00}"),
                            Invariant($"{f.Last:0.00}"),
                            Invariant($"{f.Change:+0%;-0%;0%}"),
                            f.Flat ? "yes" : "NO",
                        ]
                ),
            ]
        );
    }

    public static IReadOnlyList<string> Row(MinuteReport minute) =>
        [
            Invariant($"{minute.Minute}"),
            Invariant($"{minute.Tps:N0}"),
            Invariant($"{minute.LatencyMs.P50:0.00}"),
            Invariant($"{minute.LatencyMs.P99:0.00}"),
            Invariant($"{minute.LatencyMs.P999:0.00}"),
            Invariant($"{minute.ApiMemoryBytes / Mebibyte:0}"),
            Invariant($"{minute.BalancesBytes / Mebibyte:0.0}"),
            Invariant($"{minute.BalancesDeadRows:N0}"),
            Invariant($"{minute.TransfersBytes / Mebibyte:0}"),
        ];

    public static void Write(BenchConsole console, IReadOnlyList<ScaleStep> steps)
    {
        console.Table(
            "Cost of a transfer by number of accounts",
            ["accounts", "transfers/s", "P99 ms", "API µs", "PostgreSQL µs", "both µs", "against the first", "WAL bytes"],
            [
                .. steps.Select(step =>
                    (IReadOnlyList<string>)
                        [
                            Invariant($"{step.Report.Accounts:N0}"),
                            Invariant($"{step.Report.Tps:N0}"),
                            Invariant($"{step.Report.LatencyMs.P99:0.0}"),
                            Invariant($"{step.Report.Cpu["api"].MicrosecondsPerTransfer:0.0}"),
                            Invariant($"{step.Report.Cpu["postgres"].MicrosecondsPerTransfer:0.0}"),
                            Invariant($"{step.Report.SystemMicrosecondsPerTransfer:0.0}"),
                            Invariant($"{step.AgainstFirst:+0%;-0%;0%}"),
                            Invariant($"{step.Report.WalBytesPerTransfer:N0}"),
                        ]
                ),
            ]
        );
        console.Line(
            steps.All(step => step.Flat)
                ? "Flat: every size costs within ±20 % of the first."
                : "Not flat: a size costs more than 20 % beside the first."
        );
    }

    public static void Write(BenchConsole console, KeysReport report)
    {
        console.Table(
            Invariant($"Transfers beside {report.Sizes.Keys:N0} idempotency keys"),
            ["", "transfers/s", "P50 ms", "P99 ms", "API µs", "PostgreSQL µs", "WAL bytes"],
            [
                .. report.Runs.Select(run =>
                    (IReadOnlyList<string>)
                        [
                            run.Name,
                            Invariant($"{run.Report.Tps:N0}"),
                            Invariant($"{run.Report.LatencyMs.P50:0.0}"),
                            Invariant($"{run.Report.LatencyMs.P99:0.0}"),
                            Invariant($"{run.Report.Cpu["api"].MicrosecondsPerTransfer:0.0}"),
                            Invariant($"{run.Report.Cpu["postgres"].MicrosecondsPerTransfer:0.0}"),
                            Invariant($"{run.Report.WalBytesPerTransfer:N0}"),
                        ]
                ),
            ]
        );
        var sizes = report.Sizes;
        console.Line(
            Invariant(
                $"Size: table {sizes.TableBytes / Mebibyte:N0} MiB, index {sizes.IndexBytes / Mebibyte:N0} MiB, {sizes.BytesPerKey:0} bytes a key."
            )
        );
        console.Line(Invariant($"Forgotten: {report.Forgotten.Keys:N0} keys, the whole table read, in {report.Forgotten.Seconds:0.0} s."));
        foreach (var (name, run) in report.Runs)
        {
            Write(console, name, run.Proof);
        }
    }

    public static void Write(BenchConsole console, EdgeReport report)
    {
        console.Table(
            Invariant($"What the edge adds, at {report.Rounds[0].Edge.Tps:N0} transfers/s"),
            ["round", "way", "/s", "P50", "P99 ms", "own µs", "API", "PostgreSQL", "Redis", "generator"],
            [.. report.Rounds.SelectMany((round, i) => round.Ways.Select(way => Row(i + 1, way.Name, way.Own, way.Run)))]
        );
        console.Table(
            "Medians",
            ["", "measured", "goal", "reached"],
            [
                // In a closed loop an answer waits for all the others: its latency says nothing about the edge.
                .. report.Rounds[0].Edge.Rate is null
                    ? (IEnumerable<IReadOnlyList<string>>)[]
                    :
                    [
                        Goal("added to P50, ms", report.AddedP50Ms, EdgeReport.AddedP50MsMax),
                        Goal("added to P99, ms", report.AddedP99Ms, EdgeReport.AddedP99MsMax),
                    ],
                Goal("CPU of the edge a request, µs", report.EdgeMicroseconds, EdgeReport.EdgeMicrosecondsMax),
            ]
        );
        if (report.TimesProxy is { } times)
        {
            console.Line(Invariant($"A request costs the edge {times:0.00} times the processor time of a bare TLS proxy."));
        }
        var refused = report.Rounds.Sum(round => round.Edge.Refused + round.Edge.Dropped + round.Edge.Unknown);
        console.Line(Invariant($"Through the edge {report.FastShare:0.0%} took the fast path; refused, dropped or unknown: {refused:N0}."));
        var others = report.Median(round => round.Ways.Max(way => way.Run.OtherProgramsCores));
        if (others > OtherProgramsCoresMax)
        {
            console.Line(Invariant($"Other programs kept {others:0.00} cores busy meanwhile: these figures are of a disturbed machine."));
        }

        foreach (var run in report.Rounds.SelectMany(round => round.Ways.Select(way => way.Run)).Where(run => !run.Held))
        {
            Write(console, run.Target, run.Proof);
        }

        console.Line(report.Held ? "The books hold." : "THE BOOKS DO NOT HOLD: see above.");

        static IReadOnlyList<string> Goal(string name, double value, double most) =>
            [name, Invariant($"{value:0.00}"), Invariant($"{most:0.0}"), value <= most ? "yes" : "NO"];

        static IReadOnlyList<string> Row(int round, string way, double? own, TransfersReport run) =>
            [
                Invariant($"{round}"),
                way,
                Invariant($"{run.Tps:N0}"),
                Invariant($"{run.LatencyMs.P50:0.00}"),
                Invariant($"{run.LatencyMs.P99:0.00}"),
                Invariant($"{own:0.0}"),
                .. Shared.Select(role => Invariant($"{run.Cpu[role].MicrosecondsPerTransfer:0.0}")),
            ];
    }

    public static void WriteFoot(BenchConsole console, Machine machine, ulong seed) =>
        console.Line(
            Invariant(
                $"{machine.Cores} cores ({machine.Cpu}), {machine.MemoryBytes >> 30} GiB, Linux {machine.Kernel}, {machine.DotNet}, PostgreSQL {machine.PostgreSql}; seed {seed}"
            )
        );

    private static IEnumerable<(string Target, IReadOnlyList<ProofCheck> Proof)> Proofs(CompareRound round) =>
        [("quickpay", round.QuickPay.Proof), ("express", round.Express.Proof), ("pgbench", round.Pgbench.Proof)];
}
