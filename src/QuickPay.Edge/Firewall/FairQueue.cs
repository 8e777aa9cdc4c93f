using System.Diagnostics.CodeAnalysis;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// A bounded queue that serves its clients in turn: whoever puts in much waits behind themselves, not others behind them. That holds for
/// its places too: when all are taken, who has most of them gives up one to who has fewer. It knows only clients of whom something waits.
/// Not for several threads at once.
/// </summary>
internal sealed class FairQueue<TClient, TItem>(int max, int maxPerClient)
    where TClient : notnull
    where TItem : class
{
    private readonly Dictionary<TClient, LinkedListNode<Part>> _parts = [];

    /// <summary>Whose turn it is stands in front.</summary>
    private readonly LinkedList<Part> _turns = new();

    public int Count { get; private set; }

    /// <param name="client">Whose item it is.</param>
    /// <param name="item">What is to wait.</param>
    /// <param name="dropped">What gave up its place: the newest of the client who has most. Null when there was room.</param>
    /// <returns>False when the client's part is full, or the whole queue and nobody has more than the client would have then.</returns>
    public bool TryAdd(TClient client, TItem item, out TItem? dropped)
    {
        dropped = null;
        _parts.TryGetValue(client, out var part);
        var own = part?.Value.Items.Count ?? 0;
        if (own >= maxPerClient || (Count >= max && !TryDrop(own + 1, out dropped)))
        {
            return false;
        }
        if (part is null)
        {
            _parts.Add(client, part = _turns.AddLast(new Part(client)));
        }
        part.Value.Items.AddLast(item);
        Count++;
        return true;
    }

    /// <summary>The oldest item of the client whose turn it is.</summary>
    public bool TryTake([MaybeNullWhen(false)] out TItem item)
    {
        if (_turns.First is not { } part)
        {
            item = default;
            return false;
        }
        var items = part.Value.Items;
        item = items.First!.Value;
        items.RemoveFirst();
        Count--;
        _turns.Remove(part);
        if (items.Count > 0)
        {
            _turns.AddLast(part);
        }
        else
        {
            _parts.Remove(part.Value.Client);
        }
        return true;
    }

    // To look at all clients is little beside the inspection that is refused.
    private bool TryDrop(int keeps, [MaybeNullWhen(false)] out TItem dropped)
    {
        LinkedList<TItem>? longest = null;
        for (var part = _turns.First; part is not null; part = part.Next)
        {
            if (part.Value.Items.Count > (longest?.Count ?? keeps))
            {
                longest = part.Value.Items;
            }
        }
        if (longest is null)
        {
            dropped = null;
            return false;
        }
        dropped = longest.Last!.Value;
        // It has one more at least: its turn stays.
        longest.RemoveLast();
        Count--;
        return true;
    }

    /// <summary>Takes out what nobody waits for any more.</summary>
    public bool Remove(TClient client, TItem item)
    {
        if (!_parts.TryGetValue(client, out var part) || !part.Value.Items.Remove(item))
        {
            return false;
        }
        Count--;
        if (part.Value.Items.Count == 0)
        {
            _turns.Remove(part);
            _parts.Remove(client);
        }
        return true;
    }

    private sealed class Part(TClient client)
    {
        public TClient Client => client;

        public LinkedList<TItem> Items { get; } = new();
    }
}
