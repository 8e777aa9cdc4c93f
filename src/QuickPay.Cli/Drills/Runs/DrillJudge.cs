using System.Globalization;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Report;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>Turns what was recorded into promises, held or broken.</summary>
internal static class DrillJudge
{
    private static readonly (string Text, FaultKind[] Broken)[] OfTheBooks =
    [
        ("Acknowledged transfers are in the books, each once and as answered", [FaultKind.Lost, FaultKind.Altered, FaultKind.Doubled]),
        ("Nothing is in the books that was refused or never asked for", [FaultKind.Invented]),
        ("What was unknown is resolved by the same key", [FaultKind.Unresolved]),
        (
            "The books balance: sums are zero, chains unbroken, no available balance below its floor",
            [FaultKind.Unbalanced, FaultKind.BelowFloor, FaultKind.BrokenChain]
        ),
        ("Members never read what was not, nor less than they knew", [FaultKind.TornRead, FaultKind.StaleRead]),
        ("No replaced primary accepted a transfer", [FaultKind.SplitBrain]),
    ];

    /// <param name="impact">What members felt of what the drill measures.</param>
    /// <param name="verdict">Of the history checker.</param>
    /// <param name="drill">With its promise and goal.</param>
    public static IEnumerable<DrillPromise> Promises(Impact impact, HistoryVerdict verdict, Drill drill)
    {
        yield return OfTheOutage(impact, drill);
        foreach (var (text, broken) in OfTheBooks)
        {
            var faults = verdict.Faults.Where(fault => broken.Contains(fault.Kind)).ToList();
            yield return new DrillPromise(
                text,
                faults.Count == 0,
                faults.Count == 0 ? Judged(verdict.Counts, broken[0]) : $"{faults.Count} times: {faults[0].Says}"
            );
        }
        // A history of nothing holds every promise.
        yield return new DrillPromise(
            "There was something to judge",
            verdict.Counts is { Acknowledged: > 0, Rows: > 0, BalancesSeen: > 0 },
            $"{verdict.Counts.Operations:N0} operations, {verdict.Counts.Rows:N0} rows"
        );
    }

    private static DrillPromise OfTheOutage(Impact impact, Drill drill)
    {
        var what = drill.Measures == OperationKind.LogIn ? "Log-ins" : "Transfers";
        var text = $"{what} stand still {Seconds(drill.Promise)} at most (goal {Seconds(drill.Goal)})";
        if (impact.Outage is not { } outage)
            return new DrillPromise(text, false, "they never went on", false);
        var seen =
            outage == TimeSpan.Zero
                ? $"never; longest pause {Seconds(impact.LongestGap?.Length ?? TimeSpan.Zero)}"
                : $"{Seconds(outage)}; first noticed {After(impact.FirstFailure)}, last {After(impact.LastFailure)}";
        return new DrillPromise(text, outage <= drill.Promise, seen, outage <= drill.Goal);

        string After(TimeSpan? at) => at is { } time ? $"after {Seconds(time - impact.FaultAt)}" : "never";
    }

    private static string Judged(HistoryCounts counts, FaultKind kind) =>
        kind switch
        {
            FaultKind.Lost => $"{counts.Acknowledged:N0} acknowledged",
            FaultKind.Invented => $"{counts.Rows:N0} rows, {counts.Refused:N0} refused",
            FaultKind.Unresolved => $"{counts.ResolvedPosted:N0} done, {counts.ResolvedRefused:N0} refused",
            FaultKind.TornRead => $"{counts.BalancesSeen:N0} balances seen",
            FaultKind.SplitBrain => $"{counts.AcknowledgedPastSwitch:N0} at a position past a promotion, all in the books",
            _ => $"{counts.Rows:N0} rows",
        };

    internal static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
