using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace QuickPay.Hosting;

/// <summary>One counter with one set of tags, since the start.</summary>
/// <param name="Name">The instrument's name.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Value">The sum of all that was added.</param>
public sealed record CounterReading(string Name, IReadOnlyDictionary<string, string> Tags, long Value);

/// <summary>
/// Sums up a host's own counters for whoever looks after it (<c>GET /counters</c> where members cannot reach): benchmarks, drills and
/// the lab read there how the firewall decided, and that no commit went on without its standby.
/// </summary>
public sealed class CounterPage : IDisposable
{
    /// <summary>More sets of tags than any counter of ours has; beyond it a bug would fill the memory.</summary>
    private const int ReadingsMax = 10_000;

    private readonly ConcurrentDictionary<string, Sum> _sums = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <param name="meters">Whose counters: the meters' names.</param>
    public CounterPage(params string[] meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter.Name) && instrument is Counter<long>)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.Start();
    }

    /// <summary>Every counter that was added to, by name.</summary>
    public IReadOnlyList<CounterReading> Read() =>
        [.. _sums.OrderBy(sum => sum.Key, StringComparer.Ordinal).Select(sum => sum.Value.Reading())];

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private void Add(string name, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Span<char> key = stackalloc char[256];
        var length = 0;
        Append(name, key, ref length);
        foreach (var (tag, text) in tags)
        {
            Append("\n", key, ref length);
            Append(tag, key, ref length);
            Append("=", key, ref length);
            Append(text as string ?? text?.ToString() ?? "", key, ref length);
        }

        var lookup = _sums.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(key[..length], out var sum) && _sums.Count < ReadingsMax)
        {
            sum = _sums.GetOrAdd(key[..length].ToString(), text => new Sum(text));
        }

        sum?.Add(value);
    }

    private static void Append(string text, Span<char> key, ref int length)
    {
        var part = text.AsSpan(0, Math.Min(text.Length, key.Length - length));
        part.CopyTo(key[length..]);
        length += part.Length;
    }

    private sealed class Sum(string key)
    {
        private long _value;

        public void Add(long value) => Interlocked.Add(ref _value, value);

        public CounterReading Reading()
        {
            var parts = key.Split('\n');
            var tags = parts.Skip(1).Select(part => part.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
            return new CounterReading(parts[0], tags, Interlocked.Read(ref _value));
        }
    }
}

/// <summary>Where the page is.</summary>
public static class CounterPageRoute
{
    /// <summary><c>GET /counters</c>: an array of <see cref="CounterReading"/>.</summary>
    public static void MapCounters(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/counters", (CounterPage counters) => TypedResults.Json(counters.Read())).ExcludeFromDescription();
}
