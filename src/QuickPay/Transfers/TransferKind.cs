namespace QuickPay.Transfers;

/// <summary>What a row of the transfers table does.</summary>
public enum TransferKind : short
{
    /// <summary>Money from one member to another.</summary>
    Transfer = 1,

    /// <summary>Money from outside: cash-in to a wallet.</summary>
    Deposit = 2,

    /// <summary>Money to outside: a wallet to cash-out.</summary>
    Withdrawal = 3,

    /// <summary>A fee, usually a linked leg.</summary>
    Fee = 4,

    /// <summary>Money set aside on the debit side; it moves at the capture.</summary>
    Hold = 5,

    /// <summary>Closes a hold and moves its amount or less; the rest becomes available again.</summary>
    Capture = 6,

    /// <summary>Closes a hold; all becomes available again.</summary>
    Cancel = 7,

    /// <summary>Closes a hold whose time ran out; all becomes available again.</summary>
    Expire = 8,
}

/// <summary>What members see of a transfer. The histories' SQL counts on the numbers.</summary>
public enum TransferStatus
{
    Posted = 0,
    Pending = 1,
    Cancelled = 2,
    Expired = 3,
}
