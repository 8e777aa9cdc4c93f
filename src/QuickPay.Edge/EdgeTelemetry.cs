using System.Diagnostics.Metrics;

namespace QuickPay.Edge;

/// <summary>The edge's instruments; their names live here only. No label has more values than this code gives it.</summary>
internal static class EdgeTelemetry
{
    public const string MeterName = "QuickPay.Edge";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Requests refused with 429, by the tag <c>limit</c>.</summary>
    public static readonly Counter<long> RateLimited = Meter.CreateCounter<long>("quickpay.edge.rate_limited", "{request}");

    /// <summary>Requests by what the firewall did: fast, passed, detected, blocked, malformed, overloaded, failed.</summary>
    public static readonly Counter<long> FirewallRequests = Meter.CreateCounter<long>("quickpay.edge.firewall.requests", "{request}");

    /// <summary>Matches by the rule's number and by what became of the request: blocked, or detected and let pass.</summary>
    public static readonly Counter<long> FirewallMatches = Meter.CreateCounter<long>("quickpay.edge.firewall.matches", "{match}");

    /// <summary>From asking for a verdict to having it, waiting included.</summary>
    public static readonly Histogram<double> FirewallDuration = Meter.CreateHistogram<double>("quickpay.edge.firewall.duration", "ms");
}
