using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.Postgres;
using QuickPay.Telemetry;

namespace QuickPay.Ledger;

/// <summary>
/// One worker of the engine: a connection, and one batch at a time. What may go wrong decides the shape of this class:
/// <code>
///   before round trip 2 left   nothing can have been written: run the batch again (or in halves, if its data is at fault)
///   after it left              clean COMMIT                   answer
///                              error before the COMMIT        aborted: as above
///                              anything else, or silence      unknown: on a new connection run the same batch with the same
///                                                             keys. A new key proves that the old attempt can never commit;
///                                                             a key that is there shows what it did. Answer after our own
///                                                             COMMIT, which waits for the standby (the barrier).
/// </code>
/// </summary>
internal sealed class PostingLane(
    PostingQueue queue,
    NpgsqlDataSource dataSource,
    PostingOptions options,
    TransferLimits limits,
    TimeProvider time,
    ILogger logger,
    ICommitListener? listener
) : IAsyncDisposable
{
    private const int BatchMin = 32;
    private const int BackoffFirstMs = 20;
    private const int BackoffMaxMs = 500;

    private readonly List<Posting> _taken = [];
    private readonly BatchAttempt _attempt = new(limits, time);
    private int _batchMax = Math.Min(256, options.BatchMax);
    private int _abandoned;
    private LedgerSession? _session;
    private volatile Posting[] _inFlight = [];

    public async Task RunAsync()
    {
        while (await queue.WaitAsync())
        {
            _taken.Clear();
            queue.Take(_taken, _batchMax);
            if (_taken.Count == 0)
            {
                continue;
            }
            var started = time.GetTimestamp();
            _inFlight = [.. _taken];
            try
            {
                await ProcessAsync(_inFlight);
            }
            catch (Exception e)
            {
                // A bug. Nobody may be left without an answer, and what may have committed is not called refused.
                LogMessages.LaneFailed(logger, e);
                FailAll(_inFlight, e);
                await DropSessionAsync();
            }
            _inFlight = [];
            Adapt(_taken.Count, time.GetElapsedTime(started));
        }
        await DropSessionAsync();
    }

    /// <summary>Called by the engine's reaper. A lane that holds a request may be about to commit it, so the answer is "unknown".</summary>
    public void ExpireInFlight(long now)
    {
        foreach (var posting in _inFlight)
        {
            if (posting.Deadline <= now)
            {
                posting.Answer(PostingOutcome.Unknown);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropSessionAsync();
        _attempt.Dispose();
    }

    /// <summary>Brings every posting of a batch to its answer: attempts, splits, looks up, until done or too late.</summary>
    /// <param name="batch">What is to be answered.</param>
    /// <param name="waitsBriefly">For locks: as a part of a batch that has waited its full time.</param>
    private async Task ProcessAsync(Posting[] batch, bool waitsBriefly = false)
    {
        var backoffMs = BackoffFirstMs;
        while (true)
        {
            batch = WithoutExpired(batch);
            if (batch.Length == 0)
            {
                return;
            }
            var failure = await TryOnceAsync(batch, waitsBriefly);
            switch (failure)
            {
                case null:
                    return;
                case PgFailure.LockTimeout when await EndStalledLanesAsync() || batch.Any(posting => posting.MayHaveCommitted):
                    // The lock is free now. Or the old attempt still stands in its commit and has all of these keys: halves would wait as long.
                    break;
                case PgFailure.LockTimeout
                    when !_attempt.FailedOnKeys && await WithoutStuckAsync(batch) is { } rest && rest.Length < batch.Length:
                    batch = rest;
                    break;
                case PgFailure.LockTimeout or PgFailure.Data when batch.Length > 1:
                    // One request is in the way of its neighbours: halves find out which. They have waited for its lock together.
                    waitsBriefly |= failure == PgFailure.LockTimeout;
                    await ProcessAsync(batch[..(batch.Length / 2)], waitsBriefly);
                    await ProcessAsync(batch[(batch.Length / 2)..], waitsBriefly);
                    return;
                case PgFailure.LockTimeout:
                    batch[0].Answer(_attempt.FailedOnKeys ? PostingOutcome.KeyInProgress : PostingOutcome.Unavailable);
                    return;
                case PgFailure.Data:
                    LogMessages.PostingFailed(logger, _attempt.Error!);
                    FailAll(batch, _attempt.Error!);
                    return;
                case PgFailure.Resources when !batch.Any(posting => posting.MayHaveCommitted):
                    // Trying again at once would not make room. Nothing was written.
                    AnswerAll(batch, PostingOutcome.Unavailable);
                    return;
                case PgFailure.Contention:
                    break;
                default:
                    await Task.Delay(TimeSpan.FromMilliseconds(backoffMs), time);
                    backoffMs = Math.Min(backoffMs * 2, BackoffMaxMs);
                    break;
            }
        }
    }

    /// <summary>One attempt at a batch. Null when everybody has been answered; else what stood in the way.</summary>
    private async Task<PgFailure?> TryOnceAsync(Posting[] batch, bool waitsBriefly)
    {
        // 1. A connection, and one request per key: the first leads, the others take its answer.
        try
        {
            _session ??= await LedgerSession.OpenAsync(dataSource, time, CancellationToken.None);
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            LogMessages.NoConnection(logger, e.Message);
            // A session that connected and was then refused for what it is lies in the pool, and would be handed out again.
            dataSource.Clear();
            return PgFailure.Connection;
        }
        var session = _session;
        _attempt.Start(batch, session);

        // 2. Round trip 1. Nothing can have been written before round trip 2 leaves, so any error here is harmless.
        try
        {
            if (!await _attempt.ReadAsync(session, waitsBriefly))
            {
                await RollBackAsync(session);
                return PgFailure.Contention;
            }
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            _attempt.Error = e;
            return await GiveUpAttemptAsync(session, e);
        }

        // 3. Decide in memory.
        try
        {
            _attempt.Decide();
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            // An invariant would break: a bug. Nothing was written, and the request at fault must not fail its neighbours.
            _attempt.Error = e;
            await RollBackAsync(session);
            return PgFailure.Data;
        }

        // 4. Round trip 2. The lane may stop waiting for it, but never stops it.
        var committing = _attempt.CommitAsync(session);
        CommitResult result;
        try
        {
            result = await committing.WaitAsync(TimeSpan.FromMilliseconds(options.AbandonCommitMs), time);
        }
        catch (TimeoutException)
        {
            return await AbandonAsync(committing, session);
        }

        // 5. Answers, only after a clean COMMIT.
        switch (result.Status)
        {
            case CommitStatus.Committed:
                Tell(result.Lsn, session.Timeline);
                _attempt.Answer(result.Lsn, session.Timeline);
                return null;
            case CommitStatus.Aborted:
                _attempt.Error = result.Error;
                return await GiveUpAttemptAsync(session, result.Error!);
            default:
                LedgerMetrics.UnknownCommits.Add(1);
                LogMessages.CommitUnknown(logger, result.Error?.Message ?? "the wait for the standby was cut short");
                CountUnsynchronized(result);
                _attempt.RememberUnknown();
                await DropSessionAsync();
                return PgFailure.Connection;
        }
    }

    private void Tell(ulong lsn, uint timeline)
    {
        try
        {
            _attempt.Tell(listener, lsn, timeline);
        }
        catch (Exception e)
        {
            // A bug of the listener. What is committed is answered as committed.
            LogMessages.ListenerFailed(logger, e);
        }
    }

    /// <summary>
    /// Leaves a commit alone that takes too long, with its connection, and goes on to look its outcome up. If it ends cleanly
    /// after all, that is the answer.
    /// </summary>
    private async Task<PgFailure> AbandonAsync(Task<CommitResult> committing, LedgerSession session)
    {
        LedgerMetrics.UnknownCommits.Add(1);
        LogMessages.CommitAbandoned(logger, options.AbandonCommitMs);
        var late = _attempt.TakeLateAnswers(session.Timeline);
        _attempt.RememberUnknown();
        _session = null;
        Interlocked.Increment(ref _abandoned);
        var ending = EndLateAsync();
        // Every commit left alone keeps a connection; past the bound this lane waits for one of them to end.
        while (Volatile.Read(ref _abandoned) >= options.AbandonedMax && !ending.IsCompleted)
        {
            await Task.WhenAny(ending, Task.Delay(TimeSpan.FromMilliseconds(BackoffMaxMs), time));
        }
        return PgFailure.Connection;

        async Task EndLateAsync()
        {
            try
            {
                var result = await committing;
                if (result.Status == CommitStatus.Committed)
                {
                    late.Answer(result.Lsn);
                }
                CountUnsynchronized(result);
                await session.DisposeAsync();
            }
            finally
            {
                Interlocked.Decrement(ref _abandoned);
            }
        }
    }

    /// <summary>A commit that went on without its standby: there may be none such, so each is counted.</summary>
    private static void CountUnsynchronized(CommitResult result)
    {
        if (result is { Status: CommitStatus.Unknown, Error: null })
        {
            LedgerMetrics.UnsynchronizedCommits.Add(1);
        }
    }

    private Posting[] WithoutExpired(Posting[] batch)
    {
        var now = time.GetTimestamp();
        if (!batch.Any(posting => posting.Deadline <= now))
        {
            return batch;
        }
        foreach (var posting in batch.Where(posting => posting.Deadline <= now))
        {
            posting.AnswerTooLate();
        }
        return [.. batch.Where(posting => posting.Deadline > now)];
    }

    /// <summary>After a lock timeout: ends other servers' lanes that froze in the middle of a round trip. True if there was one.</summary>
    private Task<bool> EndStalledLanesAsync() =>
        AskAsync(session => session.Locks.EndStalledLanesAsync(CancellationToken.None), otherwise: false);

    /// <summary>After a lock timeout: answers those whose account somebody sits on, and returns the rest, which merely came along with them.</summary>
    private async Task<Posting[]> WithoutStuckAsync(Posting[] batch)
    {
        var stuck = await AskAsync(session => session.Locks.FindStuckAsync(session.Accounts, CancellationToken.None), otherwise: []);
        if (stuck.Count == 0)
        {
            return batch;
        }
        AnswerAll([.. batch.Where(posting => posting.Request.Touches(stuck))], PostingOutcome.Unavailable);
        return [.. batch.Where(posting => !posting.Request.Touches(stuck))];
    }

    private async Task<T> AskAsync<T>(Func<LedgerSession, Task<T>> ask, T otherwise)
    {
        try
        {
            return _session is { } session ? await ask(session) : otherwise;
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            // The next attempt meets the same trouble, and knows what to do about it.
            await DropSessionAsync();
            return otherwise;
        }
    }

    private async Task<PgFailure> GiveUpAttemptAsync(LedgerSession session, Exception error)
    {
        var failure = PgErrors.Classify(error);
        if (failure == PgFailure.Connection)
        {
            LogMessages.BatchInterrupted(logger, error.Message);
            await DropSessionAsync();
        }
        else
        {
            await RollBackAsync(session);
        }
        return failure;
    }

    /// <summary>Before the next attempt on the same connection, or on another one if this one is of no use any more.</summary>
    private async Task RollBackAsync(LedgerSession session)
    {
        if (!await session.TryRollbackAsync())
        {
            await DropSessionAsync();
        }
    }

    /// <summary>Gives the session up for good: what troubled it once must not come back out of the pool.</summary>
    private async Task DropSessionAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            dataSource.Clear();
            await session.DisposeAsync();
        }
    }

    /// <summary>Larger batches while they are quick, smaller ones when they are slow.</summary>
    private void Adapt(int size, TimeSpan elapsed)
    {
        LedgerMetrics.BatchSize.Record(size);
        LedgerMetrics.BatchDuration.Record(elapsed.TotalMilliseconds);
        if (elapsed.TotalMilliseconds > options.BatchTargetMs)
        {
            _batchMax = Math.Max(Math.Min(BatchMin, options.BatchMax), _batchMax / 2);
        }
        else if (size == _batchMax)
        {
            _batchMax = Math.Min(options.BatchMax, _batchMax + _batchMax / 4 + 1);
        }
    }

    private static void AnswerAll(Posting[] batch, PostingOutcome outcome)
    {
        foreach (var posting in batch)
        {
            posting.Answer(outcome);
        }
    }

    private static void FailAll(Posting[] batch, Exception exception)
    {
        foreach (var posting in batch)
        {
            if (posting.MayHaveCommitted)
            {
                posting.Answer(PostingOutcome.Unknown);
            }
            else
            {
                posting.Fail(exception);
            }
        }
    }
}
