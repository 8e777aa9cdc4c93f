namespace QuickPay.Cli.Drills.History;

/// <summary>What a member asked for.</summary>
public enum OperationKind
{
    Transfer,
    Balance,
    LogIn,
}

/// <summary>What the member knows afterwards.</summary>
public enum OperationOutcome
{
    /// <summary>Done: it was answered with success.</summary>
    Acknowledged,

    /// <summary>Not done, and the answer was definite about it.</summary>
    Refused,

    /// <summary>No answer, or one that leaves it open: done or not, but at most once.</summary>
    Unknown,
}

/// <summary>What an answer said of the caller's own account, as of one version of it.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Version">Counts the account's changes.</param>
/// <param name="Balance">Minor units.</param>
/// <param name="Held">The part of it that open holds keep.</param>
/// <param name="Available">What the answer called available; balance − held if it is right.</param>
public sealed record SeenBalance(Guid Account, long Version, long Balance, long Held, long Available);

/// <summary>
/// One thing that a member wanted, from the moment it was due to its last answer, repeats under the same idempotency key included.
/// Times count from the beginning of the drill, by one steady clock.
/// </summary>
public sealed record Operation
{
    /// <summary>Unique in its history; a transfer carries it in its idempotency key.</summary>
    public required long Number { get; init; }

    public required OperationKind Kind { get; init; }

    /// <summary>Who: an index. A member's operations may overlap.</summary>
    public required int Member { get; init; }

    /// <summary>When it was due. An open loop does not wait for earlier answers, so a stall shows as lateness.</summary>
    public required TimeSpan Intended { get; init; }

    /// <summary>When the first attempt was sent.</summary>
    public required TimeSpan Started { get; init; }

    /// <summary>When the outcome was known, or when the member gave up.</summary>
    public required TimeSpan Ended { get; init; }

    public required OperationOutcome Outcome { get; init; }

    /// <summary>How often it was sent; 0 for one that was due while too many were under way already.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>
    /// What each attempt that failed was answered: stable codes, or `timeout`, `connect_failed`, `connection_lost`, `status_502`. Besides:
    /// `not_sent`, too many were under way; `abandoned`, the drill was ended meanwhile.
    /// </summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>A transfer's debit account.</summary>
    public Guid From { get; init; }

    /// <summary>A transfer's credit account.</summary>
    public Guid To { get; init; }

    /// <summary>A transfer's amount in minor units.</summary>
    public long Amount { get; init; }

    /// <summary>The id in the answer to an acknowledged transfer.</summary>
    public Guid? TransferId { get; init; }

    /// <summary>What the answer showed of the member's own account: of a transfer, after it; of a balance, what was read.</summary>
    public SeenBalance? Seen { get; init; }

    /// <summary>The primary's timeline in the answer's consistency token; 0 without one.</summary>
    public uint Timeline { get; init; }

    /// <summary>The log position in the answer's consistency token; 0 without one.</summary>
    public ulong Lsn { get; init; }

    /// <summary>
    /// Of a transfer whose outcome was unknown: what the same request under the same key was answered after the drill. Null when
    /// there was nothing to ask, or no definite answer.
    /// </summary>
    public Resolution? Resolution { get; init; }
}

/// <summary>What became of a transfer whose member had given up. The member did not know it, the books have to fit it.</summary>
/// <param name="Outcome">Never <see cref="OperationOutcome.Unknown"/>.</param>
/// <param name="At">When the answer came, by the operation's clock.</param>
/// <param name="TransferId">The id in the answer to an acknowledged transfer.</param>
/// <param name="Error">The code of a refusal.</param>
public sealed record Resolution(OperationOutcome Outcome, TimeSpan At, Guid? TransferId, string? Error);
