namespace QuickPay.Cli.Drills.Traffic;

/// <summary>How long a member's program waits before it repeats: longer each time, so that a service that is down is not held down.</summary>
internal static class Pauses
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromSeconds(1);

    // Less than this before the end, nothing would be answered in time.
    private static readonly TimeSpan NoUse = TimeSpan.FromMilliseconds(200);

    /// <summary>Null when it is time to give up.</summary>
    /// <param name="failures">Attempts so far, 1 and up.</param>
    /// <param name="retryAfter">What the last answer asked for; heeded up to a second, since members are impatient.</param>
    /// <param name="left">Until the member's patience ends; the last repeats come faster, so that none of it is wasted.</param>
    /// <param name="random">From 0 to 1: spreads those who failed together.</param>
    public static TimeSpan? Before(int failures, TimeSpan retryAfter, TimeSpan left, double random)
    {
        if (left < NoUse)
            return null;
        var growing = First * Math.Pow(2, Math.Min(failures - 1, 10));
        var asked = retryAfter < RetryAfterMax ? retryAfter : RetryAfterMax;
        var pause = Max(asked, growing < Longest ? growing : Longest) * (0.75 + random / 2);
        return pause < left / 2 ? pause : left / 2;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
