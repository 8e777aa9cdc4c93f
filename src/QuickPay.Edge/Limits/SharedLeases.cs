using System.Collections.Concurrent;
using QuickPay.Redis;
using StackExchange.Redis;

namespace QuickPay.Edge.Limits;

/// <summary>
/// Takes leases from the logs in Redis, those of many subjects in one script.
/// <code>
///   subjects ──▶ waiting ──▶ one loop: take all that waits ──▶ script ──▶ answers
///                                ▲                               │
///                                └──────── while any wait ───────┘
/// </code>
/// No timer: a lone question goes out at once, and while a script is on its way the next group gathers by itself. When Redis
/// does not answer in time nobody asks it any more: each edge counts for itself, and a PING twice a second finds out whether it is back.
/// </summary>
internal sealed class SharedLeases : ILeases
{
    private const int BatchMax = 128;
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);
    private readonly IDatabase _redis;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger<SharedLeases> _logger;
    private readonly long _ticksPerMicrosecond;

    private readonly ConcurrentQueue<Subject> _waiting = new();
    private readonly List<Subject> _batch = [];
    private int _looping;
    private volatile bool _away;
    private int _probing;
    private long _nextProbeAt;

    public SharedLeases(IDatabase redis, TimeSpan timeout, TimeProvider time, ILogger<SharedLeases> logger)
    {
        (_redis, _timeout, _time, _logger) = (redis, timeout, time, logger);
        _ticksPerMicrosecond = time.TimestampFrequency / 1_000_000;
    }

    public bool AreShared(long now)
    {
        if (_away)
        {
            Probe(now);
        }
        return !_away;
    }

    // Bounded: a subject waits here at most once, and subjects are bounded.
    public void Ask(Subject subject)
    {
        _waiting.Enqueue(subject);
        if (Interlocked.Exchange(ref _looping, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static leases => _ = leases.LoopAsync(), this, preferLocal: false);
        }
    }

    private async Task LoopAsync()
    {
        do
        {
            while (TakeBatch())
            {
                await AnswerBatchAsync();
            }
            // Somebody may have joined between the last look and this line: then they saw the loop running, so look again.
            Interlocked.Exchange(ref _looping, 0);
        } while (!_waiting.IsEmpty && Interlocked.Exchange(ref _looping, 1) == 0);
    }

    private bool TakeBatch()
    {
        _batch.Clear();
        while (_batch.Count < BatchMax && _waiting.TryDequeue(out var subject))
        {
            _batch.Add(subject);
        }
        return _batch.Count > 0;
    }

    private async Task AnswerBatchAsync()
    {
        var askedAt = _time.GetTimestamp();
        long[]? answers = null;
        if (!_away)
        {
            try
            {
                answers = await AskAsync();
            }
            catch (Exception e)
            {
                // Whatever it was, those who wait must get an answer.
                GoAway(e);
            }
        }
        for (var i = 0; i < _batch.Count; i++)
        {
            if (answers is null)
            {
                _batch[i].GiveUp();
                continue;
            }
            var at = LeaseScript.AnswerValues * i;
            _batch[i].Answer((int)answers[at], (int)answers[at + 1], answers[at + 2] * _ticksPerMicrosecond, askedAt);
        }
    }

    private async Task<long[]> AskAsync()
    {
        var keys = new RedisKey[_batch.Count];
        var arguments = new RedisValue[3 * keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            var (subject, limit) = (_batch[i], _batch[i].Limit);
            keys[i] = subject.Key;
            arguments[3 * i] = limit.LeasesMax;
            arguments[(3 * i) + 1] = (long)limit.Window.TotalMicroseconds;
            arguments[(3 * i) + 2] = subject.LeasesWanted();
        }
        // The connection's own timeout is noticed by its heartbeat only; requests wait for this one.
        var answer = (long[]?)await _redis.ScriptEvaluateAsync(LeaseScript.Take, keys, arguments).WaitAsync(_timeout, _time);
        return answer?.Length == LeaseScript.AnswerValues * keys.Length
            ? answer
            : throw new InvalidDataException("Redis answered something else than the script says.");
    }

    private void GoAway(Exception e)
    {
        if (!_away)
        {
            _away = true;
            ProbeLater();
            LimitsLog.RedisAway(_logger, e);
        }
    }

    private void Probe(long now)
    {
        if (now >= Volatile.Read(ref _nextProbeAt) && Interlocked.Exchange(ref _probing, 1) == 0)
        {
            _ = ProbeAsync();
        }
    }

    private void ProbeLater() =>
        Volatile.Write(ref _nextProbeAt, _time.GetTimestamp() + (long)(ProbeEvery.TotalSeconds * _time.TimestampFrequency));

    private async Task ProbeAsync()
    {
        try
        {
            await _redis.PingAsync().WaitAsync(_timeout, _time);
            _away = false;
            LimitsLog.RedisBack(_logger);
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            // Still away. A later request asks again.
        }
        finally
        {
            ProbeLater();
            Volatile.Write(ref _probing, 0);
        }
    }
}

/// <summary>Log messages of the rate limits.</summary>
internal static partial class LimitsLog
{
    [LoggerMessage(4401, LogLevel.Warning, "Redis does not grant leases: this edge counts requests for itself")]
    public static partial void RedisAway(ILogger logger, Exception exception);

    [LoggerMessage(4402, LogLevel.Information, "Redis grants leases again")]
    public static partial void RedisBack(ILogger logger);
}
