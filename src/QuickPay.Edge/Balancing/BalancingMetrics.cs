using System.Diagnostics.Metrics;

namespace QuickPay.Edge.Balancing;

/// <summary>The load balancer's instruments; their names live here only.</summary>
public static class BalancingMetrics
{
    public const string MeterName = "QuickPay.Edge.Balancing";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Servers that went out or came back in: <c>server</c>, <c>state</c> (<c>in</c>, <c>out</c>).</summary>
    public static readonly Counter<long> ServerChanges = Meter.CreateCounter<long>("quickpay.edge.server.changes", "{change}");

    /// <summary>Requests that went to a second server.</summary>
    public static readonly Counter<long> SecondTries = Meter.CreateCounter<long>("quickpay.edge.second_tries", "{request}");

    /// <summary>Requests that no server answered, by the problem's <c>code</c>.</summary>
    public static readonly Counter<long> Unanswered = Meter.CreateCounter<long>("quickpay.edge.unanswered", "{request}");
}
