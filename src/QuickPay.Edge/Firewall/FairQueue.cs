using System.Diagnostics.CodeAnalysis;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// A bounded queue that serves its clients in turn: whoever puts in much waits behind themselves, not others behind them. Not for
/// several threads at once.
/// </summary>
internal sealed class FairQueue<TClient, TItem>(int max, int maxPerClient)
    where TClient : notnull
{
    private readonly Dictionary<TClient, LinkedList<TItem>> _waiting = [];

    /// <summary>Clients of whom something waits, the next one in front; each is in it once.</summary>
    private readonly Queue<TClient> _turns = new();

    public int Count { get; private set; }

    /// <returns>False when the queue, or the client's part of it, is full.</returns>
    public bool TryAdd(TClient client, TItem item)
    {
        if (Count >= max)
        {
            return false;
        }
        if (!_waiting.TryGetValue(client, out var own))
        {
            _waiting.Add(client, own = new LinkedList<TItem>());
            _turns.Enqueue(client);
        }
        if (own.Count >= maxPerClient)
        {
            return false;
        }
        own.AddLast(item);
        Count++;
        return true;
    }

    /// <summary>The oldest item of the client whose turn it is.</summary>
    public bool TryTake([MaybeNullWhen(false)] out TItem item)
    {
        while (_turns.TryDequeue(out var client))
        {
            var own = _waiting[client];
            if (own.First is { } first)
            {
                own.RemoveFirst();
                Count--;
                item = first.Value;
                Requeue(client, own);
                return true;
            }
            _waiting.Remove(client);
        }
        item = default;
        return false;
    }

    /// <summary>Takes out what nobody waits for any more.</summary>
    public bool Remove(TClient client, TItem item)
    {
        // The client keeps its turn until it comes; a queue of clients cannot be searched cheaply.
        if (!_waiting.TryGetValue(client, out var own) || !own.Remove(item))
        {
            return false;
        }
        Count--;
        return true;
    }

    private void Requeue(TClient client, LinkedList<TItem> own)
    {
        if (own.Count > 0)
        {
            _turns.Enqueue(client);
        }
        else
        {
            _waiting.Remove(client);
        }
    }
}
