using System.Threading.Channels;
using HdrHistogram;
using QuickPay.Bench.Measure;

namespace QuickPay.Bench.Load;

/// <summary>What a run gave. Latencies in microseconds from the intended send time, of good answers to requests intended within the window.</summary>
internal sealed record LoadResult
{
    public required LongHistogram Latency { get; init; }

    /// <summary>Good answers that arrived within the measured window.</summary>
    public required long Committed { get; init; }
    public required int Seconds { get; init; }
    public required long Sent { get; init; }
    public required long Refused { get; init; }
    public required long Unknown { get; init; }
    public required long Dropped { get; init; }
    public required int BacklogPeak { get; init; }
    public required IReadOnlyDictionary<int, long> Statuses { get; init; }
    public required string? FirstOddAnswer { get; init; }

    /// <summary>Reads of the whole run that were not as they must be.</summary>
    public required long Wrong { get; init; }
    public required string? FirstWrongAnswer { get; init; }

    /// <summary>The window's good answers by what was asked.</summary>
    public required IReadOnlyDictionary<RequestKind, KindTally> Kinds { get; init; }
    public required IReadOnlyList<Acknowledged> Proofs { get; init; }
    public required MeterReading Before { get; init; }
    public required MeterReading After { get; init; }

    public double Tps => (double)Committed / Seconds;
}

/// <summary>Runs the loops of a plan, gathers their seconds, and reads the meter at both edges of the measured window.</summary>
internal static class LoadRun
{
    /// <param name="plan">What to do.</param>
    /// <param name="meter">Read at both edges of the window.</param>
    /// <param name="clock">The clock of the schedule and of all latencies.</param>
    /// <param name="onSecond">Called with each full second, all loops together; its histogram is valid only during the call.</param>
    /// <param name="cancellationToken">Stops sending; the run then fails with <see cref="OperationCanceledException"/>.</param>
    public static async Task<LoadResult> RunAsync(
        LoadPlan plan,
        Meter meter,
        TimeProvider clock,
        Action<LoadInterval> onSecond,
        CancellationToken cancellationToken
    )
    {
        var histograms = new HistogramPool();
        var intervals = Channel.CreateUnbounded<LoadInterval>();
        var loops = Enumerable.Range(0, plan.LoopCount).Select(i => new LoadLoop(i, plan, clock, histograms, intervals.Writer)).ToList();
        try
        {
            if (!loops.All(loop => loop.TryConnect()))
            {
                throw new BenchException($"Nobody listens on {plan.Way.Endpoint}, or not for {plan.Connections} connections.");
            }

            // A tenth of a second ahead, so that all loops stand ready at the first intended time.
            var start = clock.GetTimestamp() + clock.TimestampFrequency / 10;
            var running = Task.WhenAll(loops.Select(loop => RunOnThread(loop, start, cancellationToken)));
            var gathered = GatherAsync(plan, intervals.Reader, histograms, onSecond);
            long Committed() => loops.Sum(loop => loop.Answers.Answered);

            await UntilAsync(clock, start + plan.WarmupSeconds * clock.TimestampFrequency, cancellationToken);
            var before = await meter.ReadAsync(Committed, cancellationToken);
            await UntilAsync(clock, start + (plan.WarmupSeconds + plan.MeasuredSeconds) * clock.TimestampFrequency, cancellationToken);
            var after = await meter.ReadAsync(Committed, cancellationToken);
            await running;
            intervals.Writer.Complete();
            var (total, latency, backlogPeak) = await gathered;
            return new LoadResult
            {
                Latency = latency,
                Committed = total.Committed,
                Seconds = plan.MeasuredSeconds,
                Sent = total.Sent,
                Refused = total.Refused,
                Unknown = total.Unknown,
                Dropped = total.Dropped,
                BacklogPeak = backlogPeak,
                Statuses = loops.SelectMany(l => l.Answers.Statuses).GroupBy(s => s.Key).ToDictionary(s => s.Key, s => s.Sum(n => n.Value)),
                FirstOddAnswer = loops.Select(l => l.Answers.FirstOddAnswer).FirstOrDefault(text => text is not null),
                Wrong = total.Wrong,
                FirstWrongAnswer = loops.Select(l => l.Answers.FirstWrongAnswer).FirstOrDefault(text => text is not null),
                Kinds = KindsOf(loops),
                Proofs = [.. loops.Select(l => l.Answers.Proof)],
                Before = before,
                After = after,
            };
        }
        finally
        {
            loops.ForEach(loop => loop.Dispose());
        }
    }

    private static SortedDictionary<RequestKind, KindTally> KindsOf(IEnumerable<LoadLoop> loops)
    {
        SortedDictionary<RequestKind, KindTally> all = [];
        foreach (var (kind, tally) in loops.SelectMany(loop => loop.Answers.Kinds))
        {
            if (!all.TryGetValue(kind, out var sum))
            {
                all.Add(kind, sum = new KindTally());
            }

            sum.Add(tally);
        }

        return all;
    }

    private static Task RunOnThread(LoadLoop loop, long start, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                loop.Run(start, cancellationToken);
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = "load loop",
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>Merges the loops' seconds; counts are of the measured window, refusals and unknowns of the whole run.</summary>
    private static async Task<(LoadInterval Total, LongHistogram Latency, int BacklogPeak)> GatherAsync(
        LoadPlan plan,
        ChannelReader<LoadInterval> intervals,
        HistogramPool histograms,
        Action<LoadInterval> onSecond
    )
    {
        var total = new LoadInterval(0, HistogramPool.Create());
        var open = new Dictionary<int, (LoadInterval Merged, int Loops)>();
        var backlogPeak = 0;
        await foreach (var interval in intervals.ReadAllAsync())
        {
            var (merged, loops) = open.GetValueOrDefault(interval.Second, (interval, 0));
            if (loops > 0)
            {
                Add(merged, interval);
                histograms.Return(interval.Latency);
            }

            if (loops + 1 < plan.LoopCount)
            {
                open[interval.Second] = (merged, loops + 1);
                continue;
            }

            open.Remove(interval.Second);
            onSecond(merged);
            backlogPeak = Math.Max(backlogPeak, merged.Backlog);
            var inWindow = merged.Second >= plan.WarmupSeconds && merged.Second < plan.WarmupSeconds + plan.MeasuredSeconds;
            total.Committed += inWindow ? merged.Committed : 0;
            total.Sent += merged.Sent;
            total.Refused += merged.Refused;
            total.Unknown += merged.Unknown;
            total.Wrong += merged.Wrong;
            total.Dropped += merged.Dropped;
            if (merged.Second >= plan.WarmupSeconds)
            {
                total.Latency.Add(merged.Latency);
            }

            histograms.Return(merged.Latency);
        }

        return (total, total.Latency, backlogPeak);
    }

    private static void Add(LoadInterval merged, LoadInterval interval)
    {
        merged.Latency.Add(interval.Latency);
        merged.Sent += interval.Sent;
        merged.Committed += interval.Committed;
        merged.Refused += interval.Refused;
        merged.Unknown += interval.Unknown;
        merged.Wrong += interval.Wrong;
        merged.Dropped += interval.Dropped;
        merged.Backlog += interval.Backlog;
    }

    private static async Task UntilAsync(TimeProvider clock, long ticks, CancellationToken cancellationToken)
    {
        var left = clock.GetElapsedTime(clock.GetTimestamp(), ticks);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, clock, cancellationToken);
        }
    }
}
