namespace QuickPay.Cli.Drills;

/// <summary>How often something is expected to fail. An assumption, with its reason; only experience can replace it.</summary>
/// <param name="Kind">As the drills call it.</param>
/// <param name="PerYear">Of the whole installation: five servers that each fail twice a year are ten.</param>
public sealed record FailureRate(string Kind, double PerYear, string Reason)
{
    /// <summary>The case study's installation: 5 API servers, 3 zones, releases each week. Rather too often than too seldom.</summary>
    public static IReadOnlyList<FailureRate> Defaults { get; } =
    [
        new("api", 12, "Five servers, each lost about twice a year: a crash, memory run out, a host that the cloud retires; rounded up."),
        new(
            "database",
            4,
            "One primary: a host, disk or engine that fails about once a year, and a failover for maintenance each four months."
        ),
        new("redis", 4, "One primary, with the same reasons as the database's."),
        new("zone", 0.5, "Large clouds lose a zone every few years; one of our three each two years is on the safe side."),
        new("rolling-upgrade", 52, "A release each week."),
    ];
}

/// <summary>What a drill measured of one kind of failure.</summary>
/// <param name="Outage">How long members felt it, from the failure to the recovery, with nobody's help.</param>
/// <param name="ShareAffected">Of their requests in that time, from 0 to 1.</param>
public sealed record MeasuredRecovery(string Kind, TimeSpan Outage, double ShareAffected);
