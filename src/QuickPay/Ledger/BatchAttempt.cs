using QuickPay.Accounts;
using QuickPay.Telemetry;
using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>
/// What one attempt at a batch reads, decides and will answer. Reused by its lane from attempt to attempt; only
/// <see cref="LateAnswers"/> outlives one.
/// </summary>
internal sealed class BatchAttempt(TransferLimits limits, TimeProvider time) : IDisposable
{
    private readonly List<Posting> _batch = [];
    private readonly List<Posting> _leaders = [];
    private readonly Dictionary<Guid, Posting> _byKey = [];
    private readonly BatchAccounts _accounts = new();
    private readonly BatchWrites _writes = new();
    private readonly BatchDigest _digest = new();
    private readonly Uuid7Sequence _ids = new();
    private Dictionary<Guid, StoredOutcome>? _stored;

    public Exception? Error { get; set; }

    /// <summary>True if the keys themselves were what another transaction had locked.</summary>
    public bool FailedOnKeys { get; private set; }

    public void Start(IReadOnlyList<Posting> batch, LedgerSession session)
    {
        _batch.Clear();
        _leaders.Clear();
        _byKey.Clear();
        _accounts.Clear();
        _writes.Clear();
        _stored = null;
        Error = null;
        FailedOnKeys = false;
        _ids.SetTime(session.EstimateNow(time));
        foreach (var posting in batch)
        {
            _batch.Add(posting);
            posting.Decided = null;
            if (_byKey.TryGetValue(posting.Request.KeyDigest, out var leader))
            {
                posting.Leader = leader;
                continue;
            }
            posting.Leader = null;
            posting.OutcomeId = _ids.Next();
            _byKey.Add(posting.Request.KeyDigest, posting);
            _leaders.Add(posting);
        }
    }

    /// <summary>Round trip 1, and the outcomes of the keys that turn out to be there already.</summary>
    /// <returns>False if such a key was deleted in between, as old ones are: the batch must be run again.</returns>
    public async Task<bool> ReadAsync(LedgerSession session, bool waitsBriefly)
    {
        try
        {
            var fresh = await session.BeginAsync(_leaders, _accounts, waitsBriefly, CancellationToken.None);
            if (fresh < _leaders.Count)
            {
                _stored = await session.ReadOutcomesAsync(CancellationToken.None);
            }
        }
        finally
        {
            FailedOnKeys = session.FailedOnKeys;
        }
        session.ClockWasRead(_accounts.Now, time);
        _ids.SetTime(_accounts.Now);
        return _stored is null || _stored.Count == _leaders.Count;
    }

    /// <summary>Decides the new requests in order of arrival; for the others, finds what was decided.</summary>
    public void Decide()
    {
        foreach (var posting in _leaders)
        {
            if (FindStored(posting) is { } stored)
            {
                posting.Decided = Replay(posting, stored);
                continue;
            }
            var rows = _writes.Rows.Count;
            var refusal = PostingDecision.Decide(_accounts, posting.Request, posting.OutcomeId, _ids, limits, _writes.Rows);
            if (refusal.Code == TransferRefusal.None)
            {
                posting.Decided = new PostingOutcome(PostingStatus.Posted) { Transfer = _writes.Rows[rows] };
            }
            else
            {
                _writes.Refused.Add((posting.OutcomeId, refusal));
                posting.Decided = new PostingOutcome(PostingStatus.Refused) { Refusal = refusal };
            }
        }
        foreach (var posting in _batch)
        {
            if (posting.Leader is { } leader)
            {
                posting.Decided = Follow(posting, leader);
            }
        }
    }

    public Task<CommitResult> CommitAsync(LedgerSession session)
    {
        if (_writes.Rows.Count > 0)
        {
            SortById(_writes.Rows);
            _writes.Digest = _digest.Compute(_writes.Rows);
        }
        return session.CommitAsync(_writes, _accounts);
    }

    /// <summary>Before the answers, so that who is answered finds what it changed. Only after a clean COMMIT.</summary>
    public void Tell(ICommitListener? listener, ulong lsn, uint timeline) =>
        listener?.Committed(_accounts.Changed, timeline, lsn, _accounts.Now);

    /// <summary>Hands the answers out. Only after a clean COMMIT.</summary>
    public void Answer(ulong lsn, uint timeline)
    {
        LedgerMetrics.Posted.Add(_writes.Rows.Count);
        foreach (var posting in _batch)
        {
            posting.Answer(posting.Decided! with { CommitLsn = lsn, Timeline = timeline });
        }
    }

    /// <summary>From now on these requests are answered by a look-up only.</summary>
    public void RememberUnknown()
    {
        foreach (var posting in _leaders)
        {
            posting.RememberUnknownAttempt();
        }
        foreach (var posting in _batch)
        {
            if (posting.Leader is { } leader)
            {
                posting.OutcomeId = leader.OutcomeId;
                posting.RememberUnknownAttempt();
            }
        }
    }

    /// <summary>The answers of an attempt that is left alone, for the case that it ends well.</summary>
    public LateAnswers TakeLateAnswers(uint timeline) => new([.. _batch.Select(posting => (posting, posting.Decided!))], timeline);

    public void Dispose() => _digest.Dispose();

    /// <summary>The answer to a request whose key another one in this batch brought first.</summary>
    private PostingOutcome Follow(Posting posting, Posting leader)
    {
        if (leader.Request.RequestDigest == posting.Request.RequestDigest)
        {
            return leader.Decided! with { Replayed = leader.Decided.Status is PostingStatus.Posted or PostingStatus.Refused };
        }
        // The key is that of whoever was there first, and that need not be the leader: it may be the follower's own, from an earlier batch.
        return FindStored(leader) is { } stored ? Replay(posting, stored) : PostingOutcome.KeyReused;
    }

    /// <summary>What was under the key before this batch; null when the key is new.</summary>
    private StoredOutcome? FindStored(Posting leader) =>
        _stored is not null && _stored[leader.Request.KeyDigest] is var stored && stored.OutcomeId != leader.OutcomeId ? stored : null;

    private static PostingOutcome Replay(Posting posting, StoredOutcome stored)
    {
        if (stored.RequestDigest != posting.Request.RequestDigest)
        {
            return PostingOutcome.KeyReused;
        }
        var replayed = !posting.IsOwnAttempt(stored.OutcomeId);
        if (stored.Refusal.Code != TransferRefusal.None)
        {
            return new PostingOutcome(PostingStatus.Refused) { Refusal = stored.Refusal, Replayed = replayed };
        }
        return stored.Transfer is { } transfer
            ? new PostingOutcome(PostingStatus.Posted) { Transfer = transfer, Replayed = replayed }
            : throw new InvalidOperationException($"Key with outcome {stored.OutcomeId} has neither a transfer nor a refusal.");
    }

    /// <summary>Rows come in id order already, but for linked legs.</summary>
    private static void SortById(List<Transfer> rows)
    {
        for (var i = 1; i < rows.Count; i++)
        {
            if (rows[i - 1].Id.CompareTo(rows[i].Id) > 0)
            {
                rows.Sort((a, b) => a.Id.CompareTo(b.Id));
                return;
            }
        }
    }
}

/// <summary>See <see cref="BatchAttempt.TakeLateAnswers"/>.</summary>
internal sealed class LateAnswers((Posting Posting, PostingOutcome Outcome)[] answers, uint timeline)
{
    public void Answer(ulong lsn)
    {
        foreach (var (posting, outcome) in answers)
        {
            posting.Answer(outcome with { CommitLsn = lsn, Timeline = timeline });
        }
    }
}
