using System.Diagnostics.Metrics;

namespace QuickPay.Telemetry;

/// <summary>The caches' instruments; their names live here only.</summary>
public static class CacheMetrics
{
    public const string MeterName = "QuickPay.Caches";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>
    /// Reads, by <c>kind</c> (balance, page) and <c>result</c>: hit; miss, nothing was there; behind, what was there is older than what the client
    /// has seen or than the account; bypass, the cache was not asked.
    /// </summary>
    private static readonly Counter<long> Reads = Meter.CreateCounter<long>("quickpay.cache.reads", "{read}");

    /// <summary>Entries on their way to Redis, by <c>result</c>: stored, not newer than what is there, late, full, failed.</summary>
    private static readonly Counter<long> Writes = Meter.CreateCounter<long>("quickpay.cache.writes", "{entry}");

    /// <summary>How often the cache was left alone for a while, because it was slow or did not answer.</summary>
    public static readonly Counter<long> Opened = Meter.CreateCounter<long>("quickpay.cache.breaker.opened", "{time}");

    /// <summary>Questions to the database for something not in the cache, by <c>kind</c>.</summary>
    private static readonly Counter<long> Loads = Meter.CreateCounter<long>("quickpay.cache.loads", "{read}");

    /// <summary>Reads turned away because too many were at the database, by <c>kind</c>.</summary>
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("quickpay.cache.loads.refused", "{read}");

    /// <summary>Entries that the worker found older than what has been committed, and took away.</summary>
    public static readonly Counter<long> Repaired = Meter.CreateCounter<long>("quickpay.cache.repaired", "{entry}");

    public static void Read(string kind, string result) => Reads.Add(1, new("kind", kind), new("result", result));

    public static void Wrote(string result, int count)
    {
        if (count > 0)
        {
            Writes.Add(count, new KeyValuePair<string, object?>("result", result));
        }
    }

    public static void Loaded(string kind) => Loads.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public static void TurnedAway(string kind) => Refused.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
