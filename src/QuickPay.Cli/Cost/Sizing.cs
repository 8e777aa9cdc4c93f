namespace QuickPay.Cli.Cost;

/// <summary>How large the parts must be for a volume. What the template has is never made smaller.</summary>
/// <param name="Volume">What is asked.</param>
/// <param name="ApiServers">On average, sized for the busiest second and with a zone gone: an upper bound, since at night there are fewer.</param>
/// <param name="DatabaseUnits">In r5.large.</param>
/// <param name="CacheUnits">In r5.large.</param>
internal sealed record Sizing(Volume Volume, long ApiServers, long DatabaseUnits, long CacheUnits)
{
    private const decimal UsableCacheBytes = 13.07m * 1_024 * 1_024 * 1_024 * 0.75m;

    /// <summary>A cautious share of what was measured.</summary>
    public static decimal ServerCapacity => Assumptions.MeasuredTps.Value * Assumptions.ServerShare.Value;

    public static decimal DatabaseCapacity => Assumptions.MeasuredTps.Value * Assumptions.DatabaseShare.Value;

    /// <summary>Set by the person at the keyboard, not computed.</summary>
    public bool ServersAreGiven { get; private init; }

    /// <summary>Data of all members who are active at once, in bytes.</summary>
    public decimal CacheBytes => BytesOfCache(Volume);

    /// <summary>Storage grows with transfers; below the case study's volume the template's stays.</summary>
    public decimal StorageScale => Math.Max(1, Volume.Scale);

    /// <param name="volume">What is asked.</param>
    /// <param name="serverCapacity">Transfers a second that one API server is trusted with.</param>
    /// <param name="servers">So many API servers, whatever they are trusted with.</param>
    /// <param name="databaseRelief">By how much the database does more than with one transaction a request; 1: it does not.</param>
    public static Sizing For(Volume volume, decimal? serverCapacity = null, long? servers = null, decimal databaseRelief = 1) =>
        new(
            volume,
            servers ?? Ceiling(Ceiling(volume.PeakTps / (serverCapacity ?? ServerCapacity)) * Assumptions.SpareForAZone.Value),
            Ceiling(volume.PeakTps / (DatabaseCapacity * databaseRelief)),
            Ceiling(BytesOfCache(volume) / UsableCacheBytes)
        )
        {
            ServersAreGiven = servers is not null,
        };

    private static decimal BytesOfCache(Volume volume) => volume.Members * Assumptions.ActiveShare.Value * Assumptions.CacheBytes.Value;

    private static long Ceiling(decimal value) => (long)Math.Max(1, decimal.Ceiling(value));
}
