using static System.FormattableString;

namespace QuickPay.Cli.Drills.History;

/// <summary>
/// Whether two primaries accepted transfers. A transfer that was acknowledged past the point where the next timeline left its primary's
/// log, and is not in the books, was accepted by a primary that had been replaced. So was one that started after another had been
/// acknowledged by a newer primary.
/// </summary>
internal sealed class TimelineCheck(PostedRows rows, IReadOnlyList<TimelineStart> timelines, List<Fault> faults)
{
    /// <summary>How many acknowledged transfers of the books name a position that the next timeline left out.</summary>
    public int PastSwitch { get; private set; }

    public void Judge(IReadOnlyList<Operation> operations)
    {
        // A token without a timeline says nothing.
        Operation[] acknowledged =
        [
            .. operations.Where(operation =>
                operation is { Kind: OperationKind.Transfer, Outcome: OperationOutcome.Acknowledged, Timeline: > 0 }
            ),
        ];
        foreach (var operation in acknowledged)
            JudgePosition(operation);
        JudgeOrder(acknowledged);
    }

    /// <summary>
    /// The position alone proves nothing: it is read after the commit, when other sessions may have written on. Only a row that the newer
    /// primaries do not have was written past the switch.
    /// </summary>
    private void JudgePosition(Operation operation)
    {
        var next = timelines.Where(start => start.Timeline > operation.Timeline).MinBy(start => start.Lsn);
        if (next is null || operation.Lsn <= next.Lsn)
            return;
        if (rows.Of(operation) is not null)
        {
            PastSwitch++;
            return;
        }
        faults.Add(
            new(
                FaultKind.SplitBrain,
                operation.Number,
                operation.From,
                Invariant(
                    $"Operation {operation.Number} was acknowledged on timeline {operation.Timeline} at {Position(operation.Lsn)}, past "
                ) + Invariant($"{Position(next.Lsn)}, where timeline {next.Timeline} had taken over, and is not in the books.")
            )
        );
    }

    private void JudgeOrder(Operation[] acknowledged)
    {
        var answers = (Operation[])acknowledged.Clone();
        Array.Sort(answers, (left, right) => left.Ended.CompareTo(right.Ended));
        Array.Sort(acknowledged, (left, right) => left.Started.CompareTo(right.Started));
        Operation? newest = null;
        var next = 0;
        foreach (var now in acknowledged)
        {
            for (; next < answers.Length && answers[next].Ended < now.Started; next++)
            {
                if (newest is null || answers[next].Timeline > newest.Timeline)
                    newest = answers[next];
            }
            if (newest is null || now.Timeline >= newest.Timeline)
                continue;
            faults.Add(
                new(
                    FaultKind.SplitBrain,
                    now.Number,
                    now.From,
                    Invariant(
                        $"Operation {now.Number}, started at {now.Started.TotalSeconds:0.000} s, was acknowledged on timeline {now.Timeline}, "
                    )
                        + Invariant(
                            $"though operation {newest.Number} had been on timeline {newest.Timeline} by {newest.Ended.TotalSeconds:0.000} s."
                        )
                )
            );
        }
    }

    /// <summary>As PostgreSQL writes it.</summary>
    private static string Position(ulong lsn) => Invariant($"{lsn >> 32:X}/{lsn & 0xFFFF_FFFF:X}");
}
