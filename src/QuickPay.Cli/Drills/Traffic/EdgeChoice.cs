namespace QuickPay.Cli.Drills.Traffic;

/// <summary>
/// Which edge a member's program goes to: its own, and the next one while that does not answer. After a pause one request tries the silent
/// one; the others come back when it is answered.
/// </summary>
internal sealed class EdgeChoice(int edges, TimeProvider clock)
{
    /// <summary>How long an edge that failed is left alone.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Seen[] _seen = [.. Enumerable.Range(0, edges).Select(_ => new Seen())];

    /// <summary>The first one from <paramref name="preferred"/> on that is not silent; that one when all are.</summary>
    public int Next(int preferred)
    {
        lock (_gate)
        {
            for (var i = 0; i < edges; i++)
            {
                var edge = (preferred + i) % edges;
                var seen = _seen[edge];
                if (!seen.IsSilent)
                    return edge;
                if (clock.GetElapsedTime(seen.SilentSince) >= Pause)
                {
                    seen.SilentSince = clock.GetTimestamp(); // this request finds out, the others wait for it
                    return edge;
                }
            }
            return preferred % edges;
        }
    }

    public void Answered(int edge)
    {
        lock (_gate)
        {
            _seen[edge].IsSilent = false;
            _seen[edge].LastAnswer = clock.GetTimestamp();
        }
    }

    /// <summary>Could not be reached, cut the connection, or has nobody behind it.</summary>
    public void Failed(int edge)
    {
        lock (_gate)
            SetSilent(_seen[edge]);
    }

    /// <summary>Did not answer in time: silent if it answered nobody else meanwhile, otherwise it is what is behind it.</summary>
    /// <param name="edge">Which one.</param>
    /// <param name="since">When the request was sent, a timestamp of the clock.</param>
    public void TimedOut(int edge, long since)
    {
        lock (_gate)
        {
            if (_seen[edge].LastAnswer < since)
                SetSilent(_seen[edge]);
        }
    }

    private void SetSilent(Seen seen)
    {
        seen.IsSilent = true;
        seen.SilentSince = clock.GetTimestamp();
    }

    private sealed class Seen
    {
        public bool IsSilent { get; set; }

        public long SilentSince { get; set; }

        public long LastAnswer { get; set; } = long.MinValue;
    }
}
