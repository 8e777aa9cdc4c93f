using System.Collections.Concurrent;

namespace QuickPay.IntegrationTests.Edge.Limits;

/// <summary>Sends at a steady rate by the clock: what was due while the machine was busy is sent as soon as it is not.</summary>
internal static class Pace
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>Starts request 0, 1, 2 … at <paramref name="perSecond"/> for that long, and waits for all answers.</summary>
    public static async Task<IReadOnlyList<T>> SendAsync<T>(int perSecond, TimeSpan duration, Func<int, Task<T>> send)
    {
        var sent = new List<Task<T>>();
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        TimeSpan elapsed;
        while ((elapsed = TimeProvider.System.GetElapsedTime(started)) < duration)
        {
            while (sent.Count < elapsed.TotalSeconds * perSecond)
            {
                sent.Add(send(sent.Count));
            }
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
        return await Task.WhenAll(sent);
    }

    /// <summary>
    /// As above, and how many an exact sliding window would have let through of what was really sent when. A busy machine sends later than it
    /// should, and edges count later than that: between the moments of sending and those of the answers, which <see cref="Ideal"/> spans.
    /// </summary>
    public static async Task<(IReadOnlyList<T> Answers, Ideal Ideal)> SendAsync<T>(
        int perSecond,
        TimeSpan duration,
        int limitPerSecond,
        Func<int, Task<T>> send
    )
    {
        var sentAt = new List<long>();
        var answeredAt = new ConcurrentQueue<long>();
        var answers = await SendAsync(
            perSecond,
            duration,
            async i =>
            {
                sentAt.Add(TimeProvider.System.GetTimestamp());
                var answer = await send(i);
                answeredAt.Enqueue(TimeProvider.System.GetTimestamp());
                return answer;
            }
        );
        var (bySending, byAnswers) = (Through(sentAt, limitPerSecond), Through(answeredAt.Order(), limitPerSecond));
        return (answers, new Ideal(Math.Min(bySending, byAnswers), Math.Max(bySending, byAnswers)));
    }

    private static int Through(IEnumerable<long> times, int limitPerSecond)
    {
        var (window, through) = (new Queue<long>(), 0);
        foreach (var time in times)
        {
            while (window.TryPeek(out var oldest) && time - oldest >= TimeProvider.System.TimestampFrequency)
            {
                window.Dequeue();
            }
            if (window.Count < limitPerSecond)
            {
                window.Enqueue(time);
                through++;
            }
        }
        return through;
    }

    /// <summary>What an exact limit would have let through; on a machine with time to spare both are the same.</summary>
    internal readonly record struct Ideal(int Least, int Most)
    {
        public void ShouldBeWithinTwoPercent(int passed) => Assert.InRange(passed, Least * 0.98, Most * 1.02);
    }
}
