using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>Which account the caller must own; the check is made on the locked row.</summary>
public enum OwnerSide : byte
{
    /// <summary>Nobody: the house itself asks.</summary>
    House,
    Debit,
    Credit,

    /// <summary>Either party of a hold.</summary>
    Either,
}

/// <summary>A further movement that posts together with the first one or not at all, such as a fee.</summary>
public sealed record LinkedLeg(TransferKind Kind, Guid DebitAccount, Guid CreditAccount, long Amount, string? Memo = null);

/// <summary>
/// One thing to post, exactly once per <see cref="KeyDigest"/>. Immutable; validated by its maker (amount above 0, memo
/// within its length), decided by <see cref="PostingDecision"/>.
/// </summary>
public sealed record PostingRequest
{
    /// <summary>128 bits of SHA-256 over member, operation and idempotency key.</summary>
    public required Guid KeyDigest { get; init; }

    /// <summary>128 bits of SHA-256 over the canonical request; another one under the same key is a mistake of the client.</summary>
    public required Guid RequestDigest { get; init; }
    public required TransferKind Kind { get; init; }
    public required Guid DebitAccount { get; init; }

    /// <summary>The nil uuid when no recipient was found, which is then refused and stored.</summary>
    public required Guid CreditAccount { get; init; }

    /// <summary>Minor units. For a capture 0 means all of the hold; for cancel and expire it is not read.</summary>
    public required long Amount { get; init; }
    public required Currency Currency { get; init; }
    public Guid Owner { get; init; }
    public OwnerSide OwnerSide { get; init; }
    public string? Memo { get; init; }

    /// <summary>When a hold returns by itself.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>The hold to close, for capture, cancel and expire.</summary>
    public Guid HoldId { get; init; }
    public IReadOnlyList<LinkedLeg> LinkedLegs { get; init; } = [];

    /// <summary>True if any of the accounts is one of these.</summary>
    public bool Touches(IReadOnlySet<Guid> accounts) =>
        accounts.Contains(DebitAccount)
        || accounts.Contains(CreditAccount)
        || LinkedLegs.Any(leg => accounts.Contains(leg.DebitAccount) || accounts.Contains(leg.CreditAccount));
}
