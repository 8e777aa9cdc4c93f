namespace QuickPay.Cli.Drills;

/// <summary>One kind of failure's part in the month.</summary>
/// <param name="DowntimeAMonth">Rate × outage × share of the requests that it hits.</param>
public sealed record AvailabilityLine(
    string Kind,
    double PerYear,
    string Reason,
    TimeSpan Outage,
    double ShareAffected,
    TimeSpan DowntimeAMonth
);

/// <summary>
/// The monthly availability that follows from what drills measured and from how often each kind of failure is expected. Failures are taken
/// to be independent and one at a time; what no drill breaks (a region, a faulty release, a person) is not in it.
/// </summary>
/// <param name="Lines">The largest part first.</param>
/// <param name="NotMeasured">Kinds that are expected to fail and that no drill measured: with them the figures say too little.</param>
/// <param name="DowntimeAMonth">Expected, weighted by the share of requests that fail.</param>
/// <param name="MeanTimeToRepair">The mean outage of a failure, the frequent ones counting more.</param>
public sealed record Availability(
    IReadOnlyList<AvailabilityLine> Lines,
    IReadOnlyList<string> NotMeasured,
    TimeSpan DowntimeAMonth,
    TimeSpan MeanTimeToRepair
)
{
    /// <summary>The promise of 99.99 %.</summary>
    public const double PromisedShare = 0.9999;

    /// <summary>The promise of two minutes.</summary>
    public static readonly TimeSpan PromisedMeanTimeToRepair = TimeSpan.FromMinutes(2);

    /// <summary>A twelfth of a year of 365.25 days: 730.5 hours.</summary>
    public static readonly TimeSpan Month = TimeSpan.FromDays(365.25 / MonthsAYear);

    /// <summary>What 99.99 % leaves of it: 4.38 minutes. The case study's 4.3 is of a month of 30 days, cut short.</summary>
    public static readonly TimeSpan BudgetAMonth = Month * (1 - PromisedShare);

    private const int MonthsAYear = 12;

    /// <summary>Of the requests of a month, the share that is served; from 0 to 1.</summary>
    public double Share => Math.Max(0, 1 - DowntimeAMonth / Month);

    /// <summary>99.99 % is 4. Null when no downtime is expected at all, which no number of nines can say.</summary>
    public double? Nines => DowntimeAMonth == TimeSpan.Zero ? null : -Math.Log10(Math.Min(1, DowntimeAMonth / Month));

    /// <summary>What is left of the budget; negative when it is overdrawn.</summary>
    public TimeSpan LeftAMonth => BudgetAMonth - DowntimeAMonth;

    /// <summary>False as well while a kind of failure is not measured: what nobody looked at is no proof.</summary>
    public bool KeepsThePromise => NotMeasured.Count == 0 && LeftAMonth >= TimeSpan.Zero && MeanTimeToRepair <= PromisedMeanTimeToRepair;

    /// <param name="measured">Any number of each kind: the longest outage and the largest share count.</param>
    /// <param name="rates">One of each kind.</param>
    /// <exception cref="ArgumentException">A kind was measured that has no rate, or a figure is out of its range.</exception>
    public static Availability Of(IEnumerable<MeasuredRecovery> measured, IReadOnlyList<FailureRate> rates)
    {
        var byKind = measured.ToLookup(recovery => recovery.Kind);
        foreach (var recovery in byKind.SelectMany(kind => kind))
            Check(recovery, rates);
        foreach (var rate in rates)
        {
            if (!(rate.PerYear >= 0 && double.IsFinite(rate.PerYear)))
                throw new ArgumentException($"{rate.Kind} cannot fail {rate.PerYear} times a year.", nameof(rates));
        }

        var lines = rates
            .Where(rate => byKind.Contains(rate.Kind))
            .Select(rate =>
                LineOf(rate, byKind[rate.Kind].Max(recovery => recovery.Outage), byKind[rate.Kind].Max(recovery => recovery.ShareAffected))
            )
            .OrderByDescending(line => line.DowntimeAMonth)
            .ToList();
        var failures = lines.Sum(line => line.PerYear);
        return new Availability(
            lines,
            [.. rates.Where(rate => rate.PerYear > 0 && !byKind.Contains(rate.Kind)).Select(rate => rate.Kind)],
            TimeSpan.FromSeconds(lines.Sum(line => line.DowntimeAMonth.TotalSeconds)),
            failures == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(lines.Sum(line => line.PerYear * line.Outage.TotalSeconds) / failures)
        );
    }

    private static AvailabilityLine LineOf(FailureRate rate, TimeSpan outage, double share) =>
        new(rate.Kind, rate.PerYear, rate.Reason, outage, share, outage * (share * rate.PerYear / MonthsAYear));

    private static void Check(MeasuredRecovery recovery, IReadOnlyList<FailureRate> rates)
    {
        if (rates.Count(rate => rate.Kind == recovery.Kind) != 1)
            throw new ArgumentException($"{recovery.Kind} was measured and must have one failure rate.", nameof(recovery));
        if (recovery.Outage < TimeSpan.Zero || !(recovery.ShareAffected is >= 0 and <= 1))
            throw new ArgumentException(
                $"{recovery.Kind}: {recovery.Outage} for a share of {recovery.ShareAffected} cannot be.",
                nameof(recovery)
            );
    }
}
