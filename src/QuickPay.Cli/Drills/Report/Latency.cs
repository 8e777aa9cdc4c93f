using QuickPay.Cli.Drills.History;

namespace QuickPay.Cli.Drills.Report;

/// <summary>
/// How long acknowledged operations took, in milliseconds, from when they were due: a client that had to wait for its turn waited too.
/// </summary>
/// <param name="Count">Of how many; the other figures are null when there are none.</param>
public sealed record Latency(int Count, double? P50Ms, double? P99Ms, double? MaxMs)
{
    public static Latency Of(IEnumerable<Operation> operations)
    {
        double[] sorted =
        [
            .. operations
                .Where(operation => operation.Outcome == OperationOutcome.Acknowledged)
                .Select(operation => (operation.Ended - operation.Intended).TotalMilliseconds)
                .Order(),
        ];
        return sorted.Length == 0
            ? new(0, null, null, null)
            : new(sorted.Length, NearestRank(sorted, 50), NearestRank(sorted, 99), sorted[^1]);
    }

    /// <summary>The smallest value that so many percent do not exceed. It is always one that occurred.</summary>
    private static double NearestRank(double[] sorted, int percent) => sorted[(int)(((long)sorted.Length * percent + 99) / 100) - 1];
}
