using static System.FormattableString;

namespace QuickPay.Cli.Drills.History;

/// <summary>Which row of the books belongs to which operation, and what is wrong between them.</summary>
internal sealed class PostedRows
{
    private readonly IReadOnlyDictionary<long, Operation> _asked;
    private readonly IReadOnlyList<PostedTransfer> _rows;
    private readonly Dictionary<long, PostedTransfer> _byOperation;
    private readonly Dictionary<Guid, PostedTransfer> _byId;
    private readonly List<PostedTransfer> _again = [];

    public PostedRows(IReadOnlyDictionary<long, Operation> asked, IReadOnlyList<PostedTransfer> rows)
    {
        (_asked, _rows) = (asked, rows);
        _byOperation = new(rows.Count);
        _byId = new(rows.Count);
        foreach (var row in rows)
        {
            _byId.TryAdd(row.Id, row);
            if (row.Operation is not { } number || _byOperation.TryAdd(number, row))
                continue;
            // Of two rows the one counts whose id was answered; the other one is the double.
            var isAnswered = asked.GetValueOrDefault(number)?.TransferId == row.Id;
            _again.Add(isAnswered ? _byOperation[number] : row);
            if (isAnswered)
                _byOperation[number] = row;
        }
    }

    /// <summary>The row that carries the operation's number; null without one.</summary>
    public PostedTransfer? Of(Operation operation) => _byOperation.GetValueOrDefault(operation.Number);

    public void Judge(IReadOnlyList<Operation> operations, List<Fault> faults)
    {
        foreach (var row in _rows)
            JudgeRow(row, faults);
        foreach (var row in _again)
            faults.Add(Doubled(row.Operation!.Value, row));
        foreach (var operation in operations)
        {
            if (operation.Kind == OperationKind.Transfer)
                JudgeTransfer(operation, faults);
        }
    }

    private void JudgeRow(PostedTransfer row, List<Fault> faults)
    {
        if (row.Operation is { } number)
        {
            if (WhyInvented(number) is { } why)
                faults.Add(
                    new(FaultKind.Invented, number, row.From, Invariant($"Row {row.Id} moved {row.Amount} for operation {number}, {why}."))
                );
        }
        else
        {
            faults.Add(
                new(FaultKind.Invented, null, row.From, Invariant($"Row {row.Id} moved {row.Amount} from {row.From} for no operation."))
            );
        }
        if (_byId[row.Id].Operation != row.Operation)
            faults.Add(
                new(
                    FaultKind.Doubled,
                    row.Operation,
                    row.From,
                    Invariant($"Two rows have the id {row.Id}, of operations {Name(_byId[row.Id].Operation)} and {Name(row.Operation)}.")
                )
            );
    }

    private Fault Doubled(long number, PostedTransfer row) =>
        new(
            FaultKind.Doubled,
            number,
            row.From,
            Invariant($"Operation {number} is in the books again: as {_byOperation[number].Id} and as {row.Id}, which moved {row.Amount}.")
        );

    private string? WhyInvented(long number) =>
        _asked.GetValueOrDefault(number) switch
        {
            null => "which does not exist",
            { Kind: not OperationKind.Transfer } operation => Invariant($"which is no transfer but a {operation.Kind}"),
            { Outcome: OperationOutcome.Refused } operation => Invariant($"which was refused ({string.Join(", ", operation.Errors)})"),
            _ => null,
        };

    private void JudgeTransfer(Operation operation, List<Fault> faults)
    {
        var row = Of(operation);
        if (operation.Outcome == OperationOutcome.Unknown)
        {
            var books = row is null ? "do not hold it" : "hold it";
            faults.Add(
                new(
                    FaultKind.Unresolved,
                    operation.Number,
                    operation.From,
                    Invariant($"Operation {operation.Number} has no answer after {operation.Attempts} attempts; the books {books}.")
                )
            );
        }
        if (row is not null && operation.Outcome != OperationOutcome.Refused)
            JudgeContent(operation, row, faults);
        if (operation.Outcome == OperationOutcome.Acknowledged)
            JudgeAcknowledged(operation, row, faults);
    }

    private static void JudgeContent(Operation operation, PostedTransfer row, List<Fault> faults)
    {
        if ((operation.From, operation.To, operation.Amount) == (row.From, row.To, row.Amount))
            return;
        faults.Add(
            new(
                FaultKind.Altered,
                operation.Number,
                operation.From,
                Invariant($"Operation {operation.Number} asked for {operation.Amount} from {operation.From} to {operation.To}; ")
                    + Invariant($"the books moved {row.Amount} from {row.From} to {row.To}.")
            )
        );
    }

    private void JudgeAcknowledged(Operation operation, PostedTransfer? row, List<Fault> faults)
    {
        var (number, from, id) = (operation.Number, operation.From, operation.TransferId);
        if (row is not null)
        {
            if (id is not null && id != row.Id)
                faults.Add(
                    new(
                        FaultKind.Altered,
                        number,
                        from,
                        Invariant($"Operation {number} was answered as {id}, and is in the books as {row.Id}.")
                    )
                );
        }
        else if (id is { } answered && _byId.TryGetValue(answered, out var other))
        {
            faults.Add(
                new(
                    FaultKind.Altered,
                    number,
                    from,
                    Invariant($"Operation {number} was answered as {id}, which is in the books for operation {Name(other.Operation)}.")
                )
            );
        }
        else
        {
            var seconds = operation.Ended.TotalSeconds;
            faults.Add(
                new(
                    FaultKind.Lost,
                    number,
                    from,
                    Invariant(
                        $"Operation {number} ({operation.Amount}, as {id}) was acknowledged at {seconds:0.000} s and is not in the books."
                    )
                )
            );
        }
    }

    private static string Name(long? operation) => operation is { } number ? Invariant($"{number}") : "none";
}
