namespace QuickPay.Edge.Http;

/// <summary>
/// A bucket of tokens for each client, one token for each new connection. What is kept of a bucket is when it will be full again; one
/// that is full is the same as one never heard of, and is forgotten. Not for several threads at once.
/// </summary>
/// <param name="perSecond">How many tokens come back in a second.</param>
/// <param name="burst">How many a full bucket has.</param>
internal sealed class NewConnections(int perSecond, int burst, TimeProvider time)
{
    private const int SweepAtLeast = 1_024;
    private readonly Dictionary<ClientNetwork, long> _fullAt = [];
    private readonly long _token = Math.Max(1, time.TimestampFrequency / perSecond);
    private int _sweepAt = SweepAtLeast;

    /// <summary>For tests: whose buckets are not full, or were not when it was last looked at.</summary>
    public int Count => _fullAt.Count;

    public bool TryTake(ClientNetwork client)
    {
        var now = time.GetTimestamp();
        var fullAt = Math.Max(now, _fullAt.GetValueOrDefault(client, now)) + _token;
        if (fullAt - now > burst * _token)
        {
            return false;
        }
        _fullAt[client] = fullAt;
        if (_fullAt.Count >= _sweepAt)
        {
            Sweep(now);
        }
        return true;
    }

    // Whatever comes in: each connection keeps its client here for no longer than its own token takes to come back. And a sweep costs no
    // more than what was added since the last one.
    private void Sweep(long now)
    {
        foreach (var (client, fullAt) in _fullAt)
        {
            if (fullAt <= now)
            {
                _fullAt.Remove(client);
            }
        }
        _sweepAt = Math.Max(SweepAtLeast, 2 * _fullAt.Count);
    }
}
