namespace QuickPay.Transfers;

/// <summary>
/// Why the ledger refuses a posting, in order of precedence: the first that applies is the answer. None of them is
/// cured by sending the same request again; the refusal is stored under its idempotency key. The numbers are stored.
/// </summary>
public enum TransferRefusal : short
{
    None = 0,

    /// <summary>The account to act for does not exist or belongs to another member.</summary>
    AccountNotFound = 1,

    /// <summary>The other side does not exist.</summary>
    RecipientNotFound = 2,

    /// <summary>Debit and credit are one account.</summary>
    SameAccount = 3,

    /// <summary>One of the accounts is frozen or closed.</summary>
    AccountClosed = 4,

    /// <summary>The amount's currency is not that of both accounts.</summary>
    CurrencyMismatch = 5,

    /// <summary>The hold was captured, cancelled or has expired, or the capture asks for more than it holds.</summary>
    TransferNotPending = 6,

    /// <summary>Over the owner's own limit: <see cref="LimitKind"/> says which.</summary>
    LimitExceeded = 7,

    /// <summary>Available (balance − held) is smaller than the amount.</summary>
    InsufficientFunds = 8,

    /// <summary>The recipient's wallet would pass its cap.</summary>
    RecipientLimitExceeded = 9,

    /// <summary>The hold would be over already, or last for longer than holds may.</summary>
    ExpiryOutOfRange = 10,
}

/// <summary>Which limit was exceeded. The numbers are stored.</summary>
public enum LimitKind : short
{
    None = 0,
    PerTransfer = 1,
    PerDay = 2,
    WalletCap = 3,
}

/// <summary>A refusal with what a member needs to understand it.</summary>
/// <param name="Remaining">What is left of the limit, in minor units; 0 without a limit.</param>
public readonly record struct Refusal(TransferRefusal Code, LimitKind Limit = LimitKind.None, long Remaining = 0);
