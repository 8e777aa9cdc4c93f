namespace QuickPay.Edge.Limits;

/// <summary>Log messages of the rate limits.</summary>
internal static partial class LimitsLog
{
    [LoggerMessage(4401, LogLevel.Warning, "Redis does not grant leases: this edge counts requests for itself")]
    public static partial void RedisAway(ILogger logger, Exception exception);

    [LoggerMessage(4402, LogLevel.Information, "Redis grants leases again")]
    public static partial void RedisBack(ILogger logger);
}
