using System.Diagnostics.Metrics;

namespace QuickPay.Telemetry;

/// <summary>The instruments of our use of Redis; their names live here only.</summary>
public static class RedisMetrics
{
    public const string MeterName = "QuickPay.Redis";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Changes of sessions that too few replicas confirmed in time; their members were asked to try again.</summary>
    public static readonly Counter<long> Unreplicated = Meter.CreateCounter<long>("quickpay.redis.changes.unreplicated", "{change}");
}
