using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Report;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>What a drill found.</summary>
/// <param name="Name">Of the drill.</param>
/// <param name="At">When it began.</param>
/// <param name="Rate">Operations a second.</param>
/// <param name="Seed">Of its traffic.</param>
/// <param name="OutageSeconds">How long what it measures stood still; null if it still does.</param>
/// <param name="PromiseSeconds">How long it may.</param>
/// <param name="GoalSeconds">How long we want at most.</param>
/// <param name="ShareAffected">Of what members wanted in that time.</param>
/// <param name="Promises">Each with what was seen.</param>
/// <param name="Errors">What attempts were answered, by code.</param>
/// <param name="Events">What happened when.</param>
/// <param name="Counts">What was judged.</param>
/// <param name="Faults">The first hundred things that must not be.</param>
/// <param name="Outcomes">How operations ended, by kind.</param>
/// <param name="Before">Latency of transfers before the fault.</param>
/// <param name="During">Between it and the recovery.</param>
/// <param name="After">Later.</param>
public sealed record DrillResult(
    string Name,
    DateTimeOffset At,
    int Rate,
    int Seed,
    double? OutageSeconds,
    double PromiseSeconds,
    double GoalSeconds,
    double ShareAffected,
    IReadOnlyList<DrillPromise> Promises,
    IReadOnlyDictionary<string, int> Errors,
    IReadOnlyList<DrillEvent> Events,
    HistoryCounts Counts,
    IReadOnlyList<Fault> Faults,
    IReadOnlyDictionary<OperationKind, OutcomeCounts> Outcomes,
    Latency Before,
    Latency During,
    Latency After
)
{
    public bool Held => Promises.All(promise => promise.Held);

    /// <summary>The folder of its report.</summary>
    public string? Report { get; init; }
}
