using System.Collections.Concurrent;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// Remembers texts in which the rules found nothing, whole and compared whole: no digest that somebody could find a second text for.
/// Bounded: new ones go to a young generation; when that is full, it becomes the old one, and what was not asked for meanwhile is forgotten.
/// So a flood of new texts cannot drive out those that are in use.
/// </summary>
/// <param name="textsMax">How many are kept at most.</param>
internal sealed class ProvenTexts(int textsMax)
{
    private readonly Lock _turning = new();
    private volatile Generation _young = new();
    private volatile Generation _old = new();

    /// <summary>Allocates nothing, but when a text is taken along into a new generation.</summary>
    public bool Contains(ReadOnlySpan<char> text)
    {
        if (_young.Lookup.ContainsKey(text))
        {
            return true;
        }
        if (!_old.Lookup.TryGetValue(text, out var kept, out _))
        {
            return false;
        }
        Add(kept);
        return true;
    }

    public void Add(string text)
    {
        var young = _young;
        if (young.Texts.TryAdd(text, 0) && Interlocked.Increment(ref young.Count) >= textsMax / 2)
        {
            lock (_turning)
            {
                if (ReferenceEquals(_young, young))
                {
                    (_old, _young) = (young, new Generation());
                }
            }
        }
    }

    private sealed class Generation
    {
        public int Count;

        public Generation() => Lookup = Texts.GetAlternateLookup<ReadOnlySpan<char>>();

        public ConcurrentDictionary<string, byte> Texts { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, byte>.AlternateLookup<ReadOnlySpan<char>> Lookup { get; }
    }
}
