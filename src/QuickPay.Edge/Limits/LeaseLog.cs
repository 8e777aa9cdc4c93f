namespace QuickPay.Edge.Limits;

/// <summary>When one subject's leases of the current window were taken: a sliding log. A lease taken at t counts until t + window, exclusive.</summary>
/// <param name="leasesMax">Leases in a window.</param>
/// <param name="window">In the ticks of the timestamps.</param>
internal struct LeaseLog(int leasesMax, long window)
{
    private const int FirstCapacity = 4;

    // A ring that grows with what is in it: most subjects take one lease in a window.
    private long[] _times = [];
    private int _first;
    private int _count;

    /// <summary>Leases that may be taken now.</summary>
    public int Room(long now)
    {
        while (_count > 0 && now - _times[_first] >= window)
        {
            _first = (_first + 1) % _times.Length;
            _count--;
        }
        return leasesMax - _count;
    }

    /// <summary>When the oldest lease leaves the window; only where there is one.</summary>
    public readonly long OldestLeavesAt => _times[_first] + window;

    /// <summary>There must be <see cref="Room"/>. Times may come slightly out of order; they leave in the order they came in.</summary>
    public void Add(long time)
    {
        if (_count == _times.Length)
        {
            Grow();
        }
        _times[(_first + _count) % _times.Length] = time;
        _count++;
    }

    private void Grow()
    {
        var grown = new long[Math.Min(Math.Max(_times.Length * 2, FirstCapacity), leasesMax)];
        for (var i = 0; i < _count; i++)
        {
            grown[i] = _times[(_first + i) % _times.Length];
        }
        (_times, _first) = (grown, 0);
    }
}
