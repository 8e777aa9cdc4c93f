namespace QuickPay.Cli.Cost;

/// <summary>What is asked of the service.</summary>
/// <param name="Members">People with a wallet.</param>
/// <param name="TransfersPerDay">On average.</param>
internal sealed record Volume(long Members, long TransfersPerDay)
{
    public const int DaysAMonth = 30;
    private const long SecondsADay = 86_400;

    /// <summary>More than there are people, and what they may do in a day: larger figures are typing errors.</summary>
    public const long MembersMax = 10_000_000_000;
    public const long TransfersPerDayMax = 1_000_000_000_000;

    /// <summary>The case study's.</summary>
    public static readonly Volume OfTheCaseStudy = new(1_000_000, 5_000_000);

    /// <summary>A copy to try things on.</summary>
    public static readonly Volume OfDev = new(1_000, 5_000);

    public long TransfersPerMonth => TransfersPerDay * DaysAMonth;

    /// <summary>Over the whole day.</summary>
    public decimal AverageTps => TransfersPerDay / (decimal)SecondsADay;

    /// <summary>At the busiest, in the case study's proportion: 2,000 a second where the average is 58.</summary>
    public decimal PeakTps => AverageTps * Assumptions.PeakToAverage.Value;

    /// <summary>As many times the case study's.</summary>
    public decimal Scale => TransfersPerDay / (decimal)OfTheCaseStudy.TransfersPerDay;
}
