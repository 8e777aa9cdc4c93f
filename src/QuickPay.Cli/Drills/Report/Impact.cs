using System.Text.Json;
using QuickPay.Cli.Drills.History;
using QuickPay.Transfers;

namespace QuickPay.Cli.Drills.Report;

/// <summary>
/// A time in which transfers were due and none succeeded. It begins with the last success before it (or, if nobody was waiting then, when
/// the next transfer was due: a pause in the traffic is no outage) and ends with the first success after it.
/// </summary>
/// <param name="To">The last transfer's end if none succeeded any more.</param>
/// <param name="Closed">Whether one did.</param>
public sealed record Gap(TimeSpan From, TimeSpan To, bool Closed)
{
    public TimeSpan Length => To - From;
}

/// <summary>How operations of one kind ended.</summary>
public sealed record OutcomeCounts(int Acknowledged, int Refused, int Unknown)
{
    public int Total => Acknowledged + Refused + Unknown;
}

/// <summary>What members felt of one fault. Times count from the drill's beginning.</summary>
/// <param name="LongestGap">
/// Of those that ended after the fault: how long transfers stood still. Null if no transfer was due any more.
/// </param>
/// <param name="UsualGap">The longest that ended before the fault: what this load has anyhow.</param>
/// <param name="RecoveredAt">
/// The end of the longest gap; the fault itself if that gap is nothing unusual (at most twice the usual one), for then transfers never
/// stood still; null if they still do, or if no transfer was due any more that could tell.
/// </param>
/// <param name="FirstFailure">
/// When the first operation began that met the fault: from then on a member could notice. Null if none did.
/// </param>
/// <param name="LastFailure">When the last of them ended.</param>
/// <param name="Failed">How many operations met the fault, the ones that succeeded at last included.</param>
/// <param name="ShareAffected">
/// Of the operations due between the fault and the recovery (or the last failure, if that was later), the share that met it or took over a
/// second.
/// </param>
/// <param name="Outcomes">By kind of operation, over the whole drill.</param>
/// <param name="Errors">How many attempts were answered so, over the whole drill, by code.</param>
/// <param name="Before">Transfers that were due before the fault.</param>
/// <param name="During">Transfers that were due between it and the recovery.</param>
/// <param name="After">Transfers that were due later.</param>
public sealed record Impact(
    TimeSpan FaultAt,
    Gap? LongestGap,
    Gap? UsualGap,
    TimeSpan? RecoveredAt,
    TimeSpan? FirstFailure,
    TimeSpan? LastFailure,
    int Failed,
    double ShareAffected,
    IReadOnlyDictionary<OperationKind, OutcomeCounts> Outcomes,
    IReadOnlyDictionary<string, int> Errors,
    Latency Before,
    Latency During,
    Latency After
)
{
    /// <summary>A gap is an outage if it is longer than this many usual ones.</summary>
    private const int UsualGaps = 2;

    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(1);

    /// <summary>What the ledger refuses it would refuse on any day: that is no failure.</summary>
    private static readonly HashSet<string> Refusals =
    [
        .. Enum.GetNames<TransferRefusal>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName),
    ];

    /// <summary>How long no transfer succeeded because of the fault; zero if they never stood still, null if they still do.</summary>
    public TimeSpan? Outage =>
        RecoveredAt is null ? null
        : RecoveredAt == FaultAt ? TimeSpan.Zero
        : LongestGap!.Length;

    /// <param name="operations">The whole history, in any order.</param>
    /// <param name="faultAt">When the fault was made.</param>
    /// <param name="kind">Whose gaps and latency are measured; above, "transfers" stands for these.</param>
    public static Impact Of(IReadOnlyList<Operation> operations, TimeSpan faultAt, OperationKind kind = OperationKind.Transfer)
    {
        Operation[] transfers = [.. operations.Where(operation => operation.Kind == kind)];
        // What the ledger refused by its rules neither shows that money can move nor that it cannot.
        var gaps = Gaps(transfers.Where(transfer => transfer.Outcome == OperationOutcome.Acknowledged || MetAFault(transfer)));
        var longest = gaps.Where(gap => gap.To > faultAt).MaxBy(gap => gap.Length);
        var usual = gaps.Where(gap => gap.To <= faultAt).MaxBy(gap => gap.Length);
        var recovered = RecoveredFrom(faultAt, longest, usual);
        Operation[] failed = [.. operations.Where(operation => operation.Ended >= faultAt && MetAFault(operation))];
        var over = recovered ?? TimeSpan.MaxValue;
        return new Impact(
            faultAt,
            longest,
            usual,
            recovered,
            failed.Length == 0 ? null : Later(failed.Min(operation => operation.Started), faultAt),
            failed.Length == 0 ? null : failed.Max(operation => operation.Ended),
            failed.Length,
            AffectedShare(operations, failed, faultAt, over),
            operations.GroupBy(operation => operation.Kind).OrderBy(kind => kind.Key).ToDictionary(kind => kind.Key, Count),
            operations
                .SelectMany(operation => operation.Errors)
                .CountBy(error => error)
                .OrderByDescending(error => error.Value)
                .ToDictionary(),
            Latency.Of(transfers.Where(transfer => transfer.Intended < faultAt)),
            Latency.Of(transfers.Where(transfer => transfer.Intended >= faultAt && transfer.Intended < over)),
            Latency.Of(transfers.Where(transfer => transfer.Intended >= faultAt && transfer.Intended >= over))
        );
    }

    /// <summary>
    /// Whether the operation failed otherwise than the ledger's rules have it: it stayed open, or an attempt had such an answer.
    /// </summary>
    public static bool MetAFault(Operation operation) =>
        operation.Outcome == OperationOutcome.Unknown || operation.Errors.Any(error => !Refusals.Contains(error));

    /// <summary>All of them, in order: one before each success, and one after the last if transfers ended after it.</summary>
    private static List<Gap> Gaps(IEnumerable<Operation> transfers)
    {
        Operation[] byEnd = [.. transfers.OrderBy(transfer => transfer.Ended)];
        // The earliest time at which one of those that end from here on was due.
        var dueFrom = new TimeSpan[byEnd.Length];
        for (var i = byEnd.Length - 1; i >= 0; i--)
            dueFrom[i] = i + 1 < byEnd.Length && dueFrom[i + 1] < byEnd[i].Intended ? dueFrom[i + 1] : byEnd[i].Intended;

        var gaps = new List<Gap>();
        TimeSpan? lastSuccess = null;
        var next = 0;
        for (var i = 0; i < byEnd.Length; i++)
        {
            var succeeded = byEnd[i].Outcome == OperationOutcome.Acknowledged;
            if (!succeeded && i < byEnd.Length - 1)
                continue;
            gaps.Add(new Gap(Later(dueFrom[next], lastSuccess ?? dueFrom[next]), byEnd[i].Ended, succeeded));
            (lastSuccess, next) = (byEnd[i].Ended, i + 1);
        }
        return gaps;
    }

    private static TimeSpan? RecoveredFrom(TimeSpan faultAt, Gap? longest, Gap? usual) =>
        longest switch
        {
            null or { Closed: false } => null,
            { } gap when gap.Length > UsualGaps * (usual?.Length ?? TimeSpan.Zero) => gap.To,
            _ => faultAt,
        };

    private static double AffectedShare(IReadOnlyList<Operation> operations, Operation[] failed, TimeSpan faultAt, TimeSpan over)
    {
        var until = failed.Length == 0 ? over : Later(over, failed.Max(operation => operation.Intended));
        var (due, affected) = (0, 0);
        foreach (var operation in operations)
        {
            if (operation.Intended < faultAt || operation.Intended > until)
                continue;
            due++;
            if (MetAFault(operation) || operation.Ended - operation.Intended > SlowAfter)
                affected++;
        }
        return due == 0 ? 0 : (double)affected / due;
    }

    private static OutcomeCounts Count(IEnumerable<Operation> operations)
    {
        var counts = operations.CountBy(operation => operation.Outcome).ToDictionary();
        return new OutcomeCounts(
            counts.GetValueOrDefault(OperationOutcome.Acknowledged),
            counts.GetValueOrDefault(OperationOutcome.Refused),
            counts.GetValueOrDefault(OperationOutcome.Unknown)
        );
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
