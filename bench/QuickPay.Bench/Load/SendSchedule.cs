namespace QuickPay.Bench.Load;

/// <summary>How the intended send times of an open loop follow each other.</summary>
internal enum Arrivals
{
    /// <summary>Evenly spaced: repeatable to the tick.</summary>
    Fixed,

    /// <summary>Exponential gaps from a printed seed: arrivals that do not know of each other, as members' are.</summary>
    Poisson,
}

/// <summary>
/// The intended send times of an open loop, in clock ticks. They depend on the rate alone, never on how fast answers come: a slow
/// answer delays nobody's intended time, which is what keeps coordinated omission out of the latencies.
/// </summary>
internal sealed class SendSchedule
{
    private readonly Arrivals _arrivals;
    private readonly long _startTicks;
    private readonly double _gapTicks;
    private LoadRandom _random;
    private double _offsetTicks;
    private long _taken;

    public SendSchedule(double ratePerSecond, long startTicks, long ticksPerSecond, Arrivals arrivals, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ratePerSecond);
        _arrivals = arrivals;
        _startTicks = startTicks;
        _gapTicks = ticksPerSecond / ratePerSecond;
        _random = new LoadRandom(seed);
        NextTicks = startTicks;
    }

    /// <summary>When the next send is meant to leave.</summary>
    public long NextTicks { get; private set; }

    /// <summary>Takes the next intended time and moves on.</summary>
    public long Take()
    {
        var taken = NextTicks;
        _taken++;
        // Offsets from the start, not from the last send: rounding must not add up over an hour.
        _offsetTicks = _arrivals == Arrivals.Fixed ? _taken * _gapTicks : _offsetTicks - _gapTicks * Math.Log(1 - _random.NextUnit());
        NextTicks = _startTicks + (long)_offsetTicks;
        return taken;
    }
}
