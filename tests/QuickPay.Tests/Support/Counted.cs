using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace QuickPay.Tests.Support;

/// <summary>What a counter of ours counts while a test looks; its name is what operators know.</summary>
internal sealed class Counted : IDisposable
{
    private readonly ConcurrentQueue<(string[] Tags, long Value)> _counts = new();
    private readonly MeterListener _listener = new();

    public Counted(string counter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == counter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (_, value, tags, _) => _counts.Enqueue(([.. tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")], value))
        );
        _listener.Start();
    }

    /// <summary>What was counted with a tag such as <c>server=api-1</c>, in order: all tags of each, such as <c>server=api-1 state=in</c>.</summary>
    public List<string> With(string tag) => [.. All(tag).Select(count => string.Join(' ', count.Tags))];

    public long SumOf(string tag) => All(tag).Sum(count => count.Value);

    public void Dispose() => _listener.Dispose();

    private IEnumerable<(string[] Tags, long Value)> All(string tag) => _counts.Where(count => count.Tags.Contains(tag));
}
