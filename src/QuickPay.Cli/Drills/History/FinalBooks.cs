namespace QuickPay.Cli.Drills.History;

/// <summary>A transfer that the ledger holds at the end.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Operation">Whose key leads to it; null for one that the drill's traffic did not ask for.</param>
public sealed record PostedTransfer(
    Guid Id,
    long? Operation,
    Guid From,
    Guid To,
    long Amount,
    long FromVersion,
    long FromBalance,
    long FromHeld,
    long ToVersion,
    long ToBalance,
    long ToHeld
);

/// <summary>An account's balance, at the beginning or at the end.</summary>
/// <param name="Floor">What balance − held may not go below.</param>
public sealed record AccountBalance(Guid Account, long Balance, long Held, long Version, long Floor);

/// <summary>The ledger after a drill, read from the primary that is left, and where it stood before.</summary>
/// <param name="Before">The balances of the drill's members before its first operation.</param>
/// <param name="After">The same accounts at the end.</param>
/// <param name="Transfers">Every transfer since then that touches one of them.</param>
/// <param name="SumOfAllBalances">Over every account of the ledger, house accounts included; the books balance when it is zero.</param>
public sealed record FinalBooks(
    IReadOnlyList<AccountBalance> Before,
    IReadOnlyList<AccountBalance> After,
    IReadOnlyList<PostedTransfer> Transfers,
    long SumOfAllBalances
);
