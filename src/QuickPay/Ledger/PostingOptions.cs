using System.ComponentModel.DataAnnotations;

namespace QuickPay.Ledger;

/// <summary>Limits of the posting engine.</summary>
public sealed class PostingOptions
{
    public const string Section = "Posting";

    /// <summary>Batches under way at once in this server; while one waits for its commit another decides.</summary>
    [Range(1, 8)]
    public int Lanes { get; init; } = 2;

    /// <summary>Requests that may wait; one more is refused at once.</summary>
    [Range(16, 100_000)]
    public int QueueMax { get; init; } = 4_096;

    /// <summary>The most requests in one batch; the batch that is used adapts below it.</summary>
    [Range(1, 4_096)]
    public int BatchMax { get; init; } = 1_024;

    /// <summary>A batch that takes longer halves the next one's size.</summary>
    [Range(5, 10_000)]
    public int BatchTargetMs { get; init; } = 100;

    /// <summary>From a request's arrival to its answer, whatever happens; past it the answer is "unavailable" or "unknown".</summary>
    [Range(100, 120_000)]
    public int DeadlineMs { get; init; } = 10_000;

    /// <summary>How long a lane waits for a commit before it leaves it alone and looks the outcome up on another connection.</summary>
    [Range(50, 60_000)]
    public int AbandonCommitMs { get; init; } = 3_000;

    /// <summary>Commits left alone that one lane may have at once; each keeps a connection until it ends.</summary>
    [Range(1, 4)]
    public int AbandonedMax { get; init; } = 2;
}
