using HdrHistogram;

namespace QuickPay.Bench.Load;

/// <summary>The good answers to one kind of request within the measured window, with their latencies in microseconds.</summary>
internal sealed class KindTally
{
    public LongHistogram Latency { get; } = HistogramPool.Create();

    public long Answered => Latency.TotalCount;

    public void Add(long microseconds) => Latency.RecordValue(microseconds);

    public void Add(KindTally other) => Latency.Add(other.Latency);
}
