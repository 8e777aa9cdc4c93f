namespace QuickPay.Cli.Drills.History;

/// <summary>What the checker looked at, so that "no fault" cannot mean "nothing was there".</summary>
/// <param name="Acknowledged">Transfers; so are the next two.</param>
/// <param name="UnresolvedPosted">Transfers without an answer that the books hold.</param>
/// <param name="UnresolvedAbsent">Transfers without an answer that they do not hold.</param>
/// <param name="ResolvedPosted">Transfers whose member gave up, and whose repetition found them done, or did them.</param>
/// <param name="ResolvedRefused">Of these the ones that were refused.</param>
/// <param name="Rows">Of the books.</param>
/// <param name="BalancesSeen">Answers that showed a balance, and were judged.</param>
/// <param name="BalancesSeenOfBefore">
/// Of these, the ones that showed a version from before the drill: nothing tells whether that version ever was so.
/// </param>
/// <param name="AcknowledgedPastSwitch">
/// Acknowledged transfers of the books whose answer names a log position that the next timeline left out. No fault: the position is read
/// after the commit, and other sessions may have written past it.
/// </param>
public sealed record HistoryCounts(
    int Operations,
    int Acknowledged,
    int Refused,
    int UnresolvedPosted,
    int UnresolvedAbsent,
    int Rows,
    int ResolvedPosted,
    int ResolvedRefused,
    int BalancesSeen,
    int BalancesSeenOfBefore,
    int AcknowledgedPastSwitch
);

/// <summary>What a history proves.</summary>
/// <param name="Faults">Kind by kind.</param>
public sealed record HistoryVerdict(IReadOnlyList<Fault> Faults, HistoryCounts Counts)
{
    public bool Holds => Faults.Count == 0;
}
