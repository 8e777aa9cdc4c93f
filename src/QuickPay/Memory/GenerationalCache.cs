using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using QuickPay.Memory;

namespace QuickPay.Memory;

/// <summary>
/// A bounded map without bookkeeping on the read path: entries are added to a young generation; when that is full it becomes the
/// old one and the old one is dropped. What is used stays (it is taken along into the young generation), what is not is gone after
/// two turns. Holds at most <paramref name="capacity"/> entries.
/// </summary>
internal sealed class GenerationalCache<TKey, TValue>(int capacity)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _turning = new();
    private volatile Generation _young = new();
    private volatile Generation _old = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.Entries.TryGetValue(key, out value))
        {
            return true;
        }

        if (!_old.Entries.TryGetValue(key, out value))
        {
            return false;
        }

        value = GetOrAdd(key, value);
        return true;
    }

    /// <summary>Adds the value unless there is one already; answers the one that stays.</summary>
    public TValue GetOrAdd(TKey key, TValue value)
    {
        var young = _young;
        if (!young.Entries.TryAdd(key, value))
        {
            return young.Entries.TryGetValue(key, out var present) ? present : value;
        }

        if (Interlocked.Increment(ref young.Count) >= capacity / 2)
        {
            Turn(young);
        }

        return value;
    }

    /// <summary>Puts the value in the place of the one that was there.</summary>
    public void Set(TKey key, TValue value)
    {
        var young = _young;
        if (young.Entries.TryAdd(key, value))
        {
            if (Interlocked.Increment(ref young.Count) >= capacity / 2)
            {
                Turn(young);
            }
        }
        else
        {
            young.Entries[key] = value;
        }
    }

    private void Turn(Generation full)
    {
        lock (_turning)
        {
            if (ReferenceEquals(_young, full))
            {
                _old = full;
                _young = new Generation();
            }
        }
    }

    private sealed class Generation
    {
        public readonly ConcurrentDictionary<TKey, TValue> Entries = new();

        /// <summary>Additions; counting the dictionary itself would lock all of it.</summary>
        public int Count;
    }
}
