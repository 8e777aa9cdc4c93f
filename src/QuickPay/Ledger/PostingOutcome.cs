using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>How a posting ended, as far as its sender may know.</summary>
public enum PostingStatus
{
    /// <summary>Committed; <see cref="PostingOutcome.Transfer"/> is the row.</summary>
    Posted,

    /// <summary>Refused, and the refusal is committed under the key. Nothing moved.</summary>
    Refused,

    /// <summary>The key was used for another request. Nothing moved. Sending it again does not help.</summary>
    KeyReused,

    /// <summary>The same key is still being decided elsewhere. Ask again with it.</summary>
    KeyInProgress,

    /// <summary>The queue was full; this attempt was never begun. Retry later with the same key.</summary>
    Overloaded,

    /// <summary>
    /// This attempt did not commit and will not: the database could not be reached or had no room. Of an earlier attempt with the same
    /// key whose outcome was unknown it says nothing. Retry with the same key.
    /// </summary>
    Unavailable,

    /// <summary>May have committed, and the deadline passed before that could be looked up. Only the same key may be sent again.</summary>
    Unknown,
}

/// <summary>The answer to one <see cref="PostingRequest"/>.</summary>
public sealed record PostingOutcome(PostingStatus Status)
{
    public static readonly PostingOutcome KeyReused = new(PostingStatus.KeyReused);
    public static readonly PostingOutcome KeyInProgress = new(PostingStatus.KeyInProgress);
    public static readonly PostingOutcome Overloaded = new(PostingStatus.Overloaded);
    public static readonly PostingOutcome Unavailable = new(PostingStatus.Unavailable);
    public static readonly PostingOutcome Unknown = new(PostingStatus.Unknown);

    /// <summary>The posted row; of linked legs the first.</summary>
    public Transfer? Transfer { get; init; }
    public Refusal Refusal { get; init; }

    /// <summary>True when an earlier request with this key had been answered with this outcome.</summary>
    public bool Replayed { get; init; }

    /// <summary>Where the primary's log stood after the commit, for the consistency token; 0 if nothing was committed.</summary>
    public ulong CommitLsn { get; init; }

    /// <summary>The primary's timeline, which changes with every promotion and restore.</summary>
    public uint Timeline { get; init; }
}
