using QuickPay.Bench.Load;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Proof;
using QuickPay.Bench.Targets;

namespace QuickPay.Bench.Report;

/// <summary>Latencies in milliseconds, from the intended send time to the last byte of the answer.</summary>
internal sealed record LatencyReport(double P50, double P95, double P99, double P999, double Max)
{
    public static LatencyReport Of(HdrHistogram.HistogramBase microseconds) =>
        microseconds.TotalCount == 0
            ? new LatencyReport(0, 0, 0, 0, 0)
            : new LatencyReport(
                At(microseconds, 50),
                At(microseconds, 95),
                At(microseconds, 99),
                At(microseconds, 99.9),
                At(microseconds, 100)
            );

    private static double At(HdrHistogram.HistogramBase microseconds, double percentile) =>
        microseconds.GetValueAtPercentile(percentile) / 1_000.0;
}

/// <summary>Processor time of one part of the system.</summary>
/// <param name="Cores">Cores it kept busy over the window: 0.5 = half of one.</param>
/// <param name="MicrosecondsPerTransfer">Processor time a committed transfer cost there.</param>
internal sealed record CpuReport(double Cores, double MicrosecondsPerTransfer);

/// <summary>What a run gave and proved.</summary>
internal sealed record TransfersReport
{
    public required string Target { get; init; }
    public required string Description { get; init; }

    /// <summary>open (a rate from outside) or closed (each connection waits for its answer).</summary>
    public required string Loop { get; init; }
    public required double? Rate { get; init; }
    public required int Connections { get; init; }
    public required long Accounts { get; init; }
    public required double Skew { get; init; }
    public required int Seconds { get; init; }

    /// <summary>Transfers a second, committed and acknowledged with 201 within the measured window.</summary>
    public required double Tps { get; init; }
    public required long Committed { get; init; }
    public required long Sent { get; init; }
    public required long Refused { get; init; }
    public required long Unknown { get; init; }

    /// <summary>Sends that never left: their time had come and neither a connection nor room to wait was free.</summary>
    public required long Dropped { get; init; }
    public required int BacklogPeak { get; init; }
    public required IReadOnlyDictionary<string, long> Statuses { get; init; }
    public required string? FirstOddAnswer { get; init; }
    public required LatencyReport LatencyMs { get; init; }
    public required IReadOnlyDictionary<string, CpuReport> Cpu { get; init; }

    /// <summary>Cores that programs outside of all this kept busy meanwhile; where it is not near zero, the figures are too low.</summary>
    public required double OtherProgramsCores { get; init; }
    public required long ApiMemoryBytes { get; init; }
    public required long ApiMemoryPeakBytes { get; init; }
    public required double WalBytesPerTransfer { get; init; }
    public required IReadOnlyList<ProofCheck> Proof { get; init; }

    public bool Held => Proof.All(check => check.Held);

    /// <summary>API and PostgreSQL together: what a transfer costs the system, the generator left out.</summary>
    public double SystemMicrosecondsPerTransfer =>
        Cpu.Where(role => role.Key is "api" or "postgres").Sum(role => role.Value.MicrosecondsPerTransfer);

    public static TransfersReport Of(
        ILoadTarget target,
        LoadOptions options,
        long accounts,
        LoadResult result,
        (long Resident, long Peak) apiMemory,
        IReadOnlyList<ProofCheck> proof,
        TimeProvider clock
    )
    {
        var seconds = result.After.SecondsSince(result.Before, clock);
        var committed = Math.Max(1, result.After.Committed - result.Before.Committed);
        long Used(string role) => result.After.CpuMicroseconds[role] - result.Before.CpuMicroseconds[role];
        var others = result.After.MachineMicroseconds - result.Before.MachineMicroseconds - result.After.CpuMicroseconds.Keys.Sum(Used);
        return new TransfersReport
        {
            Target = target.Name,
            Description = target.Description,
            Loop = options.Rate is null ? "closed" : "open",
            Rate = options.Rate,
            Connections = options.Connections ?? 256,
            Accounts = accounts,
            Skew = options.Skew,
            Seconds = result.Seconds,
            Tps = result.Tps,
            Committed = result.Committed,
            Sent = result.Sent,
            Refused = result.Refused,
            Unknown = result.Unknown,
            Dropped = result.Dropped,
            BacklogPeak = result.BacklogPeak,
            Statuses = result.Statuses.ToDictionary(s => s.Key.ToString(System.Globalization.CultureInfo.InvariantCulture), s => s.Value),
            FirstOddAnswer = result.FirstOddAnswer,
            LatencyMs = LatencyReport.Of(result.Latency),
            Cpu = result.After.CpuMicroseconds.Keys.ToDictionary(
                role => role,
                role => new CpuReport(Used(role) / seconds / 1_000_000, (double)Used(role) / committed)
            ),
            OtherProgramsCores = Math.Max(0, others / seconds / 1_000_000),
            ApiMemoryBytes = apiMemory.Resident,
            ApiMemoryPeakBytes = apiMemory.Peak,
            WalBytesPerTransfer = (double)(result.After.WalBytes - result.Before.WalBytes) / committed,
            Proof = proof,
        };
    }
}
