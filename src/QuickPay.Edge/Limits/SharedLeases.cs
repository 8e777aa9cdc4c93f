using System.Collections.Concurrent;
using QuickPay.Redis;
using StackExchange.Redis;

namespace QuickPay.Edge.Limits;

/// <summary>
/// Takes leases from the logs in Redis, those of many subjects in one script.
/// <code>
///   subjects ──▶ gather for 25 ms, or until ──▶ one loop: take all that there is ──▶ script ──▶ answers
///                somebody waits for an answer        ▲                                │
///                                                    └──────── while any are there ───┘
/// </code>
/// A question alone costs five changes of threads and as many of processes; gathered ones share them. When Redis does not answer in time
/// nobody asks it any more: each edge counts for itself, and the script without subjects, twice a second, finds out whether it is back.
/// </summary>
internal sealed class SharedLeases : ILeases, IDisposable
{
    private const int BatchMax = 128;
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);
    private readonly Func<IDatabase> _redis;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger<SharedLeases> _logger;
    private readonly long _ticksPerMicrosecond;

    private readonly ConcurrentQueue<Subject> _waiting = new();
    private readonly List<Subject> _batch = [];
    private readonly ITimer _gathered;
    private int _gathering;
    private int _looping;
    private int _hurried;
    private volatile bool _away;
    private int _probing;
    private long _nextProbeAt;

    /// <param name="redis">Asked for each command: after a failover it is another one.</param>
    public SharedLeases(Func<IDatabase> redis, TimeSpan timeout, TimeProvider time, ILogger<SharedLeases> logger)
    {
        (_redis, _timeout, _time, _logger) = (redis, timeout, time, logger);
        _ticksPerMicrosecond = time.TimestampFrequency / 1_000_000;
        _gathered = time.CreateTimer(
            static self => ((SharedLeases)self!).Gathered(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
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
        if (Interlocked.Exchange(ref _gathering, 1) == 0)
        {
            _gathered.Change(GatherFor, Timeout.InfiniteTimeSpan);
        }
    }

    public void Hurry()
    {
        if (BeginLoop())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static leases => _ = leases.LoopAsync(), this, preferLocal: false);
        }
    }

    public void Dispose() => _gathered.Dispose();

    private void Gathered()
    {
        // First: who asks from now on is either taken along or sets the timer again.
        Interlocked.Exchange(ref _gathering, 0);
        if (BeginLoop())
        {
            _ = LoopAsync();
        }
    }

    private bool BeginLoop()
    {
        Volatile.Write(ref _hurried, 1);
        return Interlocked.Exchange(ref _looping, 1) == 0;
    }

    private async Task LoopAsync()
    {
        do
        {
            // A full fence: who hurries after it is seen below, and who hurried before it has put in what is taken now.
            Interlocked.Exchange(ref _hurried, 0);
            do
            {
                TakeBatch();
                await AnswerBatchAsync();
            } while (_batch.Count == BatchMax);
            // Who hurried before this line saw the loop running and relied on it.
            Interlocked.Exchange(ref _looping, 0);
        } while (Volatile.Read(ref _hurried) == 1 && Interlocked.Exchange(ref _looping, 1) == 0);
    }

    private void TakeBatch()
    {
        _batch.Clear();
        while (_batch.Count < BatchMax && _waiting.TryDequeue(out var subject))
        {
            _batch.Add(subject);
        }
    }

    private async Task AnswerBatchAsync()
    {
        var askedAt = _time.GetTimestamp();
        long[]? answers = null;
        if (!_away && _batch.Count > 0)
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
        var answer = (long[]?)await _redis().ScriptEvaluateAsync(LeaseScript.Take, keys, arguments).WaitAsync(_timeout, _time);
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
            await _redis().ScriptEvaluateAsync(LeaseScript.Take, [], []).WaitAsync(_timeout, _time);
            _away = false;
            LimitsLog.RedisBack(_logger);
        }
        catch (Exception)
        {
            // Still away, for whatever reason; that it went away was said. A later request asks again.
        }
        finally
        {
            ProbeLater();
            Volatile.Write(ref _probing, 0);
        }
    }
}
