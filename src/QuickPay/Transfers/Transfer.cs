using QuickPay.Money;

namespace QuickPay.Transfers;

/// <summary>One side of a transfer after it: what the account then contained.</summary>
/// <param name="Version">How many rows have touched the account; 0 when this row did not.</param>
public readonly record struct SideAfter(long Balance, long Held, long Version)
{
    /// <summary>What may be spent.</summary>
    public long Available => Balance - Held;
}

/// <summary>A row of the transfers table: immutable, the double entry itself. Amounts are minor units.</summary>
public sealed record Transfer
{
    public required Guid Id { get; init; }
    public required TransferKind Kind { get; init; }
    public required Guid DebitAccount { get; init; }
    public required Guid CreditAccount { get; init; }
    public required long Amount { get; init; }
    public required Currency Currency { get; init; }
    public required SideAfter Debit { get; init; }
    public required SideAfter Credit { get; init; }
    public required DateTime CreatedAt { get; init; }
    public string? Memo { get; init; }

    /// <summary>The hold that this row closes, or the first of the legs that were posted together.</summary>
    public Guid? Link { get; init; }

    /// <summary>Holds only.</summary>
    public DateTime? ExpiresAt { get; init; }
}
