using QuickPay.Redis;
using QuickPay.Telemetry;
using StackExchange.Redis;

namespace QuickPay.Caches;

/// <summary>
/// Writes entries in the background, many in one script. Nobody waits for it, and it may drop what it likes: an entry that is missing is read
/// from the database, and one that is old is never shown to who has seen newer.
/// </summary>
internal sealed class CacheWriter
{
    private const int BatchMax = 128;

    // Newer entries win over older ones, but not over those that are gone already: a slow reader may not put its old one there.
    private static readonly TimeSpan ReadAgeMax = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _redis;
    private readonly CacheBreaker _breaker;
    private readonly TimeProvider _time;
    private readonly int _waitingMax;
    private readonly Batches<Entry> _entries;
    private int _waiting;

    public CacheWriter(RedisConnection redis, CacheBreaker breaker, CacheOptions options, TimeProvider time)
    {
        (_redis, _breaker, _time, _waitingMax) = (redis, breaker, time, options.WritesWaitingMax);
        _entries = new Batches<Entry>(BatchMax, StoreAsync);
    }

    /// <summary>Redis has no memory to spare.</summary>
    public bool IsFull { get; set; }

    /// <param name="key">Its name.</param>
    /// <param name="value">Begins with its head.</param>
    /// <param name="seconds">How long it lives.</param>
    /// <param name="readBegan">When the read of what it shows began; of what was committed, when that was known.</param>
    public void Add(RedisKey key, byte[] value, int seconds, long readBegan)
    {
        if (_breaker.IsOpen || IsFull)
        {
            CacheMetrics.Wrote(IsFull ? "full" : "failed", 1);
            return;
        }
        if (Interlocked.Increment(ref _waiting) > _waitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            CacheMetrics.Wrote("late", 1);
            return;
        }
        _entries.Add(new Entry(key, value, seconds, readBegan));
    }

    private async Task StoreAsync(IReadOnlyList<Entry> entries)
    {
        Interlocked.Add(ref _waiting, -entries.Count);
        var inTime = entries.Where(entry => _time.GetElapsedTime(entry.ReadBegan) < ReadAgeMax).ToList();
        CacheMetrics.Wrote("late", entries.Count - inTime.Count);
        if (inTime.Count == 0)
        {
            return;
        }
        var keys = new RedisKey[inTime.Count];
        var values = new RedisValue[2 * inTime.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            (keys[i], values[2 * i], values[(2 * i) + 1]) = (inTime[i].Key, inTime[i].Value, inTime[i].Seconds);
        }
        try
        {
            var newer = (int)await _redis.Database.ScriptEvaluateAsync(CacheScripts.Put, keys, values);
            CacheMetrics.Wrote("stored", newer);
            CacheMetrics.Wrote("known", keys.Length - newer);
        }
        catch (RedisServerException)
        {
            // It refuses writes (no replica, no memory) and may answer reads all the same.
            CacheMetrics.Wrote("failed", keys.Length);
        }
        catch (Exception e)
        {
            // Whatever it was: entries may be lost, and the loop goes on.
            CacheMetrics.Wrote("failed", keys.Length);
            _breaker.Failed(e);
        }
    }

    private readonly record struct Entry(RedisKey Key, byte[] Value, int Seconds, long ReadBegan);
}
