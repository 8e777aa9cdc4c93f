namespace QuickPay.Cli.Drills.History;

/// <summary>
/// Judges what members were told against what the ledger holds, as Jepsen's bank test does, and more. It counts on nothing but real-time
/// order and the books: what overlaps in time proves nothing, and what is reported could not have happened if every promise held.
/// <code>
///   operations ──┬─► rows:      lost, altered, doubled, invented, unresolved
///   final books ─┼─► chains:    unbalanced, below the floor, broken chain
///                ├─► reads:     torn, stale
///   timelines ───┴─► timelines: split brain
/// </code>
/// Sorting is the dearest part of it: a million operations take seconds.
/// </summary>
public static class HistoryChecker
{
    /// <param name="operations">All of them, in any order.</param>
    /// <param name="books">Read from the primary that is left, after the last operation ended.</param>
    /// <param name="timelines">The promotions that the primary's timeline came from, in any order.</param>
    /// <exception cref="ArgumentException">
    /// The record itself is wrong: a number or account occurs twice, or an end lies before its start.
    /// </exception>
    public static HistoryVerdict Judge(IReadOnlyList<Operation> operations, FinalBooks books, IReadOnlyList<TimelineStart> timelines)
    {
        var faults = new List<Fault>();
        Operation[] settled = [.. operations.Select(Settled)];
        var rows = new PostedRows(ByNumber(settled), books.Transfers);
        var chains = new VersionChains(books);
        var reads = new ReadCheck(rows, chains, faults);
        var primaries = new TimelineCheck(rows, timelines, faults);

        rows.Judge(settled, faults);
        chains.Judge(books, faults);
        reads.Judge(operations);
        primaries.Judge(operations);

        var transfers = settled
            .Where(operation => operation.Kind == OperationKind.Transfer)
            .CountBy(operation => operation.Outcome)
            .ToDictionary();
        var unresolvedPosted = settled.Count(operation =>
            operation is { Kind: OperationKind.Transfer, Outcome: OperationOutcome.Unknown } && rows.Of(operation) is not null
        );
        return new HistoryVerdict(
            [.. faults.OrderBy(fault => fault.Kind)],
            new HistoryCounts(
                operations.Count,
                transfers.GetValueOrDefault(OperationOutcome.Acknowledged),
                transfers.GetValueOrDefault(OperationOutcome.Refused),
                unresolvedPosted,
                transfers.GetValueOrDefault(OperationOutcome.Unknown) - unresolvedPosted,
                books.Transfers.Count,
                Resolved(OperationOutcome.Acknowledged),
                Resolved(OperationOutcome.Refused),
                reads.Judged,
                reads.OfBefore,
                primaries.PastSwitch
            )
        );

        int Resolved(OperationOutcome outcome) => operations.Count(operation => operation.Resolution?.Outcome == outcome);
    }

    /// <summary>
    /// The operation with what became of it, which its member did not learn: the books have to fit that. One that was never sent must not be
    /// in them.
    /// </summary>
    private static Operation Settled(Operation operation) =>
        operation switch
        {
            { Outcome: OperationOutcome.Unknown, Attempts: 0 } => operation with { Outcome = OperationOutcome.Refused },
            { Outcome: OperationOutcome.Unknown, Resolution: { } known } => operation with
            {
                Outcome = known.Outcome,
                TransferId = known.TransferId,
                Ended = known.At,
            },
            _ => operation,
        };

    private static Dictionary<long, Operation> ByNumber(Operation[] operations)
    {
        var byNumber = new Dictionary<long, Operation>(operations.Length);
        foreach (var operation in operations)
        {
            if (!byNumber.TryAdd(operation.Number, operation))
                throw new ArgumentException($"Operation {operation.Number} occurs twice in its history.", nameof(operations));
            if (operation.Ended < operation.Started)
                throw new ArgumentException($"Operation {operation.Number} ended before it started.", nameof(operations));
        }
        return byNumber;
    }
}
