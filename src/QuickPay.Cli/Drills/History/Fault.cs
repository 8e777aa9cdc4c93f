namespace QuickPay.Cli.Drills.History;

/// <summary>What can be wrong with a history. Each kind breaks a promise; none of them may occur once.</summary>
public enum FaultKind
{
    /// <summary>Acknowledged, and not in the books.</summary>
    Lost,

    /// <summary>In the books, but with another id, amount or account than was asked for or answered.</summary>
    Altered,

    /// <summary>In the books more than once.</summary>
    Doubled,

    /// <summary>In the books, though nobody asked for it, or it was refused.</summary>
    Invented,

    /// <summary>A transfer that nobody ever answered, though it was repeated to the end: done or not, its member does not know.</summary>
    Unresolved,

    /// <summary>Money came or went: the sum of all balances is not zero, or an account's end is not its beginning and what moved.</summary>
    Unbalanced,

    /// <summary>Balance − held fell below the account's floor.</summary>
    BelowFloor,

    /// <summary>An account's rows are no unbroken sequence of versions and balances.</summary>
    BrokenChain,

    /// <summary>An answer showed a state that the account was never in.</summary>
    TornRead,

    /// <summary>An answer showed less than the same member had already been shown or told.</summary>
    StaleRead,

    /// <summary>A primary that had been replaced accepted a transfer.</summary>
    SplitBrain,
}

/// <summary>One thing that must not be.</summary>
/// <param name="Operation">The number of the operation that shows it; null when no operation does.</param>
/// <param name="Account">The account that shows it; null when no single one does.</param>
/// <param name="Says">One sentence with the numbers that show it.</param>
public sealed record Fault(FaultKind Kind, long? Operation, Guid? Account, string Says);
