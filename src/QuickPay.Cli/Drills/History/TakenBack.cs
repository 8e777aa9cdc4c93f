namespace QuickPay.Cli.Drills.History;

/// <summary>
/// Reads of what a promotion has taken back. PostgreSQL shows a commit that was cut short in its wait for the standby to everybody, and no
/// reader can tell; where somebody cuts commits, such reads are the harm that is done, and what they showed proves nothing.
/// </summary>
public static class TakenBack
{
    /// <summary>Whether it read at a position that the next primary's log left out.</summary>
    public static bool IsReadOf(Operation operation, IReadOnlyList<TimelineStart> timelines) =>
        operation is { Kind: OperationKind.Balance, Outcome: OperationOutcome.Acknowledged, Seen: not null, Timeline: > 0 }
        && timelines.Where(start => start.Timeline > operation.Timeline).MinBy(start => start.Lsn) is { } next
        && operation.Lsn > next.Lsn;

    /// <summary>The same history without what those reads showed.</summary>
    public static IReadOnlyList<Operation> Forget(IReadOnlyList<Operation> operations, IReadOnlyList<TimelineStart> timelines) =>
        [.. operations.Select(operation => IsReadOf(operation, timelines) ? operation with { Seen = null } : operation)];
}
