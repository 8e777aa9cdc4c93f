using QuickPay.Redis;
using StackExchange.Redis;

namespace QuickPay.Caches;

/// <summary>The names of entries made in one life of the ledger (a timeline) and of Redis (a promotion).</summary>
internal sealed class CacheNames(uint timeline, long promotion)
{
    private readonly string _balances = $"qp:v1:balance:{timeline}.{promotion}:";
    private readonly string _pages = $"qp:v1:page:{timeline}.{promotion}:";

    public uint Timeline => timeline;

    public long Promotion => promotion;

    /// <summary>String: <see cref="BalanceEntry"/>.</summary>
    public RedisKey Balance(Guid account) => _balances + account;

    /// <summary>String: <see cref="PageEntry"/>.</summary>
    public RedisKey Page(Guid account) => _pages + account;
}

/// <summary>
/// Which timeline the ledger is on, as far as this server knows. A promotion or restore begins a new one, on which the numbers of versions
/// may have been given again; no entry of an old one is ever found by who knows the new one.
/// </summary>
internal sealed class CacheEpoch(RedisConnection redis)
{
    private uint _timeline;
    private volatile CacheNames? _names;

    /// <summary>Null before anything was heard of the primary.</summary>
    public CacheNames? Current
    {
        get
        {
            var (timeline, promotion) = (Volatile.Read(ref _timeline), redis.Promotion);
            if (timeline == 0)
            {
                return null;
            }
            var names = _names;
            return names is not null && names.Timeline == timeline && names.Promotion == promotion
                ? names
                : _names = new CacheNames(timeline, promotion);
        }
    }

    /// <summary>A primary said which timeline it is on. One that has been replaced, and does not know it, changes nothing.</summary>
    public void Saw(uint timeline)
    {
        uint known;
        while ((known = Volatile.Read(ref _timeline)) < timeline)
        {
            Interlocked.CompareExchange(ref _timeline, timeline, known);
        }
    }
}
