namespace QuickPay.Postgres;

/// <summary>
/// Where the primary's log was, and when by our own clock. By it the lag of a replica is known without rights that only superusers have,
/// and without two machines' clocks: it is the age of the newest place that the replica has replayed.
/// </summary>
/// <param name="time">Our clock.</param>
/// <param name="keep">The longest lag that anybody asks for.</param>
internal sealed class PrimaryLog(TimeProvider time, TimeSpan keep)
{
    private readonly List<(ulong Lsn, long At)> _places = [];
    private uint _timeline;

    /// <summary>Of the primary; 0 before the first look.</summary>
    public uint Timeline => Volatile.Read(ref _timeline);

    /// <summary>A look at the primary. Those on another timeline are forgotten: they say nothing about this one.</summary>
    /// <param name="place">Where its log was.</param>
    /// <param name="at">Our time stamp from before it was asked.</param>
    /// <returns>False for a primary of an older timeline than was seen already.</returns>
    public bool TryAdd(LogPosition place, long at)
    {
        if (place.Timeline < _timeline)
        {
            return false;
        }
        if (place.Timeline > _timeline)
        {
            _places.Clear();
            Volatile.Write(ref _timeline, place.Timeline);
        }
        _places.Add((place.Lsn, at));
        // One that is older than any bound stays: a replica that has it alone is over its bound, too.
        var old = _places.FindIndex(known => time.GetElapsedTime(known.At) <= keep);
        _places.RemoveRange(0, Math.Max(old - 1, 0));
        return true;
    }

    /// <summary>When the primary was last seen at a place that a replica has replayed; null if that is longer ago than anybody asks for.</summary>
    public long? LastSeenAt(ulong replayed) =>
        _places.FindLastIndex(known => known.Lsn <= replayed) is >= 0 and var newest ? _places[newest].At : null;
}
