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
    /// As above, and how many an exact sliding window would have let through of what was really sent when: a machine that is busy
    /// otherwise sends less than it should, and later.
    /// </summary>
    public static async Task<(IReadOnlyList<T> Answers, int Ideal)> SendAsync<T>(
        int perSecond,
        TimeSpan duration,
        int limitPerSecond,
        Func<int, Task<T>> send
    )
    {
        var sentAt = new List<long>();
        var answers = await SendAsync(
            perSecond,
            duration,
            i =>
            {
                sentAt.Add(TimeProvider.System.GetTimestamp());
                return send(i);
            }
        );
        var (window, ideal) = (new Queue<long>(), 0);
        foreach (var time in sentAt)
        {
            while (window.TryPeek(out var oldest) && time - oldest >= TimeProvider.System.TimestampFrequency)
            {
                window.Dequeue();
            }
            if (window.Count < limitPerSecond)
            {
                window.Enqueue(time);
                ideal++;
            }
        }
        return (answers, ideal);
    }
}
