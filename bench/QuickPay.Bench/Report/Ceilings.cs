using QuickPay.Bench.Measure;

namespace QuickPay.Bench.Report;

/// <summary>One kind of read in one round: as many as it takes, and one after the other on a single connection.</summary>
internal sealed record CeilingRun(ReadsRun AtMost, ReadsRun Alone);

/// <summary>In turn: a call that is answered from nothing, a balance, a first page.</summary>
internal sealed record CeilingRound(CeilingRun Empty, CeilingRun Balance, CeilingRun Page);

/// <summary>A goal of the reads.</summary>
/// <param name="Reached">The measured figure keeps it.</param>
internal sealed record ReadsGoal(string Name, double Measured, string Goal, bool Reached);

/// <summary>What reads reach with caches on, beside what any call with a session could reach; figures are medians over the rounds.</summary>
internal sealed record Ceilings(IReadOnlyList<CeilingRound> Rounds)
{
    public const double BalanceMsMax = 0.3;
    public const double BalancePerSecondMin = 20_000;
    public const double BalanceOfEmptyMin = 0.70;
    public const double PageOfBalanceMin = 0.50;

    public double BalancePerSecond => Median(round => round.Balance.AtMost.PerSecond);

    public double BalanceOfEmpty => BalancePerSecond / Math.Max(1, Median(round => round.Empty.AtMost.PerSecond));

    public double PageOfBalance => Median(round => round.Page.AtMost.PerSecond) / Math.Max(1, BalancePerSecond);

    /// <summary>
    /// How long a balance takes in the server: on one connection, one request after another, the median answer's time less that of the call
    /// that is answered from nothing.
    /// </summary>
    public double BalanceMs => Median(round => round.Balance.Alone.LatencyMs.P50) - Median(round => round.Empty.Alone.LatencyMs.P50);

    public IReadOnlyList<ReadsGoal> Goals =>
        [
            new("a balance in the server, ms", BalanceMs, $"at most {BalanceMsMax}", BalanceMs <= BalanceMsMax),
            new("balances a second", BalancePerSecond, $"at least {BalancePerSecondMin:0}", BalancePerSecond >= BalancePerSecondMin),
            new("of an empty answer's throughput", BalanceOfEmpty, $"at least {BalanceOfEmptyMin}", BalanceOfEmpty >= BalanceOfEmptyMin),
            new("first pages, of balances", PageOfBalance, $"at least {PageOfBalanceMin}", PageOfBalance >= PageOfBalanceMin),
        ];

    public static IEnumerable<(string Name, Func<CeilingRound, CeilingRun> Of)> Kinds =>
        [("empty answer", round => round.Empty), ("balance", round => round.Balance), ("first page", round => round.Page)];

    public double Median(Func<CeilingRound, double> value) => Flatness.Median(Rounds.Select(value));
}
