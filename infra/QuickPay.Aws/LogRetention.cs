using Amazon.CDK.AWS.Logs;

namespace QuickPay.Aws;

/// <summary>Days that logs are kept, as CloudWatch knows them.</summary>
internal static class LogRetention
{
    public static RetentionDays Of(int days) =>
        days switch
        {
            1 => RetentionDays.ONE_DAY,
            7 => RetentionDays.ONE_WEEK,
            30 => RetentionDays.ONE_MONTH,
            90 => RetentionDays.THREE_MONTHS,
            365 => RetentionDays.ONE_YEAR,
            _ => throw new ArgumentOutOfRangeException(
                nameof(days),
                days,
                "CloudWatch keeps logs for 1, 7, 30, 90 or 365 days, of those that we use."
            ),
        };
}
