using QuickPay.Bench.Measure;
using QuickPay.Bench.Targets;

namespace QuickPay.Bench.Report;

/// <summary>How many times a rival's throughput ours is: ratios of the medians over all rounds.</summary>
internal sealed record Ratios(double Express, double Pgbench);

/// <summary>One after another in one round, so that the machine's moods meet all alike.</summary>
internal sealed record CompareRound(TransfersReport QuickPay, TransfersReport Express, PgbenchResult Pgbench);

/// <summary>All rounds of `--compare`.</summary>
internal sealed record CompareReport(IReadOnlyList<CompareRound> Rounds)
{
    public Ratios Ratios =>
        new(Median(r => r.QuickPay.Tps) / Median(r => r.Express.Tps), Median(r => r.QuickPay.Tps) / Median(r => r.Pgbench.Tps));

    public bool Held => Rounds.All(r => r.QuickPay.Held && r.Express.Held && r.Pgbench.Proof.All(check => check.Held));

    public double Median(Func<CompareRound, double> value) => Flatness.Median(Rounds.Select(value));
}
