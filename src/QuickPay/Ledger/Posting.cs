namespace QuickPay.Ledger;

/// <summary>A request on its way through the engine. It is answered exactly once, by whoever comes first.</summary>
internal sealed class Posting(PostingRequest request, long deadline)
{
    private readonly TaskCompletionSource<PostingOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Guid>? _earlierOutcomeIds;

    public PostingRequest Request { get; } = request;

    /// <summary>A timestamp of the engine's time provider.</summary>
    public long Deadline { get; } = deadline;

    public Task<PostingOutcome> Answered => _answer.Task;

    /// <summary>The id that this attempt writes under the key; each attempt has its own, so that it knows its key from an earlier one's.</summary>
    public Guid OutcomeId { get; set; }

    /// <summary>What this attempt will answer once it has committed.</summary>
    public PostingOutcome? Decided { get; set; }

    /// <summary>The first request in this batch with the same key; null when this is it.</summary>
    public Posting? Leader { get; set; }

    /// <summary>True once an attempt may have committed without our knowing: from then on only a look-up may answer.</summary>
    public bool MayHaveCommitted => _earlierOutcomeIds is not null;

    public void RememberUnknownAttempt() => (_earlierOutcomeIds ??= []).Add(OutcomeId);

    /// <summary>True if a stored outcome is that of an earlier attempt of this very request, which nobody has answered yet.</summary>
    public bool IsOwnAttempt(Guid outcomeId) => _earlierOutcomeIds?.Contains(outcomeId) == true;

    public void Answer(PostingOutcome outcome) => _answer.TrySetResult(outcome);

    public void Fail(Exception exception) => _answer.TrySetException(exception);

    /// <summary>The answer when time is up: never a guess.</summary>
    public void AnswerTooLate() => Answer(MayHaveCommitted ? PostingOutcome.Unknown : PostingOutcome.Unavailable);
}
