using HdrHistogram;

namespace QuickPay.Bench.Load;

/// <summary>What one run of the generator does.</summary>
internal sealed record LoadPlan
{
    public required LoadWay Way { get; init; }
    public required RequestWriter Writer { get; init; }
    public required AccountSet Accounts { get; init; }
    public LoadMix Mix { get; init; } = LoadMix.Transfers;

    /// <summary>What clients remember from one request to the next; null: nothing.</summary>
    public ClientMemory? Memory { get; init; }
    public required int Connections { get; init; }

    /// <summary>Requests a second (open loop), or null: every connection sends as soon as it is answered (closed loop).</summary>
    public double? Rate { get; init; }

    public Arrivals Arrivals { get; init; } = Arrivals.Fixed;
    public double Skew { get; init; }
    public required ulong Seed { get; init; }
    public required int WarmupSeconds { get; init; }
    public required int MeasuredSeconds { get; init; }
    public int LoopCount { get; init; } = 1;

    /// <summary>How long an answer may take before the request counts as unknown.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Sends that may wait for a connection: five seconds of the rate. Beyond it they are dropped.</summary>
    public int BacklogMax => Math.Max(1_024, (int)Math.Min((Rate ?? 0) * 5, 1_000_000));

    /// <summary>How many answers are kept to be replayed.</summary>
    public int SampleSize { get; init; } = 1_000;
}

/// <summary>What one loop saw in one second. Latencies in microseconds from the intended send time.</summary>
internal sealed class LoadInterval(int second, LongHistogram latency)
{
    /// <summary>Seconds since the run began, warm-up included.</summary>
    public int Second => second;

    public LongHistogram Latency => latency;
    public long Sent { get; set; }

    /// <summary>Answered as they should be: transfers committed, reads read.</summary>
    public long Committed { get; set; }
    public long Refused { get; set; }
    public long Unknown { get; set; }
    public long Wrong { get; set; }
    public long Dropped { get; set; }
    public int Backlog { get; set; }
}

/// <summary>Histograms from a microsecond to two minutes with three digits, lent to the loops and taken back after merging.</summary>
internal sealed class HistogramPool
{
    public const long LatencyMaxMicroseconds = 120_000_000;

    private readonly System.Collections.Concurrent.ConcurrentBag<LongHistogram> _free = [];

    public static LongHistogram Create() => new(LatencyMaxMicroseconds, 3);

    public LongHistogram Take() => _free.TryTake(out var histogram) ? histogram : Create();

    public void Return(LongHistogram histogram)
    {
        histogram.Reset();
        _free.Add(histogram);
    }
}
