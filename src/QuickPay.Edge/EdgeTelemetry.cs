using System.Diagnostics.Metrics;

namespace QuickPay.Edge;

/// <summary>The edge's instruments; their names live here only.</summary>
public static class EdgeTelemetry
{
    public const string MeterName = "QuickPay.Edge";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Requests refused with 429, by the tag <c>limit</c>.</summary>
    public static readonly Counter<long> RateLimited = Meter.CreateCounter<long>("quickpay.edge.rate_limited", "{request}");
}
