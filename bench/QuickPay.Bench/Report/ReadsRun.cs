using QuickPay.Bench.Load;
using QuickPay.Bench.Proof;

namespace QuickPay.Bench.Report;

/// <summary>One kind of request within a run.</summary>
/// <param name="Share">Of all good answers; 0 to 1.</param>
internal sealed record KindReport(long Answered, double Share, LatencyReport LatencyMs);

/// <summary>Processor time of one part of the system.</summary>
/// <param name="Cores">Cores it kept busy over the window: 0.5 = half of one.</param>
/// <param name="MicrosecondsPerRequest">What a good answer cost there.</param>
internal sealed record PartCpu(double Cores, double MicrosecondsPerRequest);

/// <summary>What one run of reads, or of the mix, gave.</summary>
internal sealed record ReadsRun
{
    /// <summary>off or on: the caches.</summary>
    public required string Side { get; init; }

    /// <summary>mix, balance, page or empty.</summary>
    public required string Load { get; init; }

    /// <summary>Requests a second (open loop); null: as many as it took (closed loop).</summary>
    public required double? Rate { get; init; }
    public required int Connections { get; init; }
    public required int Seconds { get; init; }

    /// <summary>Good answers a second.</summary>
    public required double PerSecond { get; init; }
    public required LatencyReport LatencyMs { get; init; }
    public required IReadOnlyDictionary<string, KindReport> Kinds { get; init; }

    /// <summary>Statements that the database ran for our hosts, BEGIN and COMMIT included.</summary>
    public required double StatementsPerSecond { get; init; }
    public required double StatementsPerRequest { get; init; }

    public required IReadOnlyDictionary<string, PartCpu> Cpu { get; init; }
    public required double OtherProgramsCores { get; init; }

    /// <summary>Of reads through a cache the share that it answered, by kind; empty where nothing was counted.</summary>
    public required IReadOnlyDictionary<string, double> HitRates { get; init; }
    public required long Refused { get; init; }
    public required long Unknown { get; init; }
    public required long Dropped { get; init; }
    public required string? FirstOddAnswer { get; init; }
    public required IReadOnlyList<ProofCheck> Proof { get; init; }

    public bool Held => Proof.All(check => check.Held);

    /// <summary>The processor time of the database, in cores.</summary>
    public double DatabaseCores => Cpu["postgres"].Cores;

    public static ReadsRun Of(string side, LoadOptions options, LoadResult result, IReadOnlyList<ProofCheck> books, TimeProvider clock)
    {
        var (before, after) = (result.Before, result.After);
        var seconds = after.SecondsSince(before, clock);
        var answered = Math.Max(1, after.Committed - before.Committed);
        long Used(string role) => after.CpuMicroseconds[role] - before.CpuMicroseconds[role];
        var others = after.MachineMicroseconds - before.MachineMicroseconds - after.CpuMicroseconds.Keys.Sum(Used);
        var (countsBefore, countsAfter) = (before.Counts!, after.Counts!);
        var statements = countsAfter.Statements - countsBefore.Statements;
        return new ReadsRun
        {
            Side = side,
            Load = options.Mix.Name,
            Rate = options.Rate,
            Connections = options.Connections!.Value,
            Seconds = result.Seconds,
            PerSecond = result.Tps,
            LatencyMs = LatencyReport.Of(result.Latency),
            Kinds = result.Kinds.ToDictionary(
                kind => NameOf(kind.Key),
                kind => new KindReport(
                    kind.Value.Answered,
                    (double)kind.Value.Answered / Math.Max(1, result.Kinds.Sum(all => all.Value.Answered)),
                    LatencyReport.Of(kind.Value.Latency)
                )
            ),
            StatementsPerSecond = statements / seconds,
            StatementsPerRequest = (double)statements / answered,
            Cpu = after.CpuMicroseconds.Keys.ToDictionary(
                role => role,
                role => new PartCpu(Used(role) / seconds / 1_000_000, (double)Used(role) / answered)
            ),
            OtherProgramsCores = Math.Max(0, others / seconds / 1_000_000),
            HitRates = countsAfter.HitRatesSince(countsBefore),
            Refused = result.Refused,
            Unknown = result.Unknown,
            Dropped = result.Dropped,
            FirstOddAnswer = result.FirstOddAnswer,
            Proof =
            [
                .. books,
                new ProofCheck(
                    "no read showed less than its client had seen, and none went wrong",
                    result.Wrong == 0,
                    result.FirstWrongAnswer is { } first ? $"{result.Wrong} did; first: {first}" : "none"
                ),
            ],
        };
    }

    public static string NameOf(RequestKind kind) =>
        kind switch
        {
            RequestKind.Transfer => "transfer",
            RequestKind.Balance => "balance",
            RequestKind.FirstPage => "first page",
            RequestKind.DeeperPage => "deeper page",
            RequestKind.Rates => "rates",
            RequestKind.Empty => "empty",
        };
}
