using System.Diagnostics.CodeAnalysis;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// A bounded queue that serves its clients in turn: whoever puts in much waits behind themselves, not others behind them. It knows only
/// clients of whom something waits. Not for several threads at once.
/// </summary>
internal sealed class FairQueue<TClient, TItem>(int max, int maxPerClient)
    where TClient : notnull
{
    private readonly Dictionary<TClient, LinkedListNode<Part>> _parts = [];

    /// <summary>Whose turn it is stands in front.</summary>
    private readonly LinkedList<Part> _turns = new();

    public int Count { get; private set; }

    /// <returns>False when the queue, or the client's part of it, is full.</returns>
    public bool TryAdd(TClient client, TItem item)
    {
        if (Count >= max)
        {
            return false;
        }
        if (!_parts.TryGetValue(client, out var part))
        {
            _parts.Add(client, part = _turns.AddLast(new Part(client)));
        }
        if (part.Value.Items.Count >= maxPerClient)
        {
            return false;
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
