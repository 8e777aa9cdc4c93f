using System.Threading.Channels;

namespace QuickPay.Ledger;

/// <summary>The bounded line in front of the lanes. What does not fit is refused by the caller; what waits too long is answered here.</summary>
internal sealed class PostingQueue(int max)
{
    private readonly Channel<Posting> _channel = Channel.CreateBounded<Posting>(
        new BoundedChannelOptions(max) { FullMode = BoundedChannelFullMode.Wait, AllowSynchronousContinuations = false }
    );
    private readonly Lock _taking = new();

    public bool TryAdd(Posting posting) => _channel.Writer.TryWrite(posting);

    /// <summary>False when the queue is closed and empty.</summary>
    public ValueTask<bool> WaitAsync() => _channel.Reader.WaitToReadAsync(CancellationToken.None);

    /// <summary>Takes a run of what waits, in order of arrival, at most <paramref name="most"/>.</summary>
    public void Take(List<Posting> into, int most)
    {
        lock (_taking)
        {
            while (into.Count < most && _channel.Reader.TryRead(out var posting))
            {
                into.Add(posting);
            }
        }
    }

    /// <summary>Answers those at the head that waited past their deadline: no lane has touched them.</summary>
    public void ExpireWaiting(long now)
    {
        lock (_taking)
        {
            while (_channel.Reader.TryPeek(out var posting) && posting.Deadline <= now && _channel.Reader.TryRead(out posting))
            {
                posting.AnswerTooLate();
            }
        }
    }

    public void Close() => _channel.Writer.TryComplete();
}
