using System.Diagnostics.Metrics;

namespace QuickPay.Edge;

/// <summary>The edge's instruments; their names live here only. The values of labels come from this code, the rules,
/// the country database or the list of servers, never from a client.</summary>
internal static class EdgeTelemetry
{
    public const string MeterName = "QuickPay.Edge";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Connections closed as they came because there were too many.</summary>
    public static readonly Counter<long> ConnectionsRefused = Meter.CreateCounter<long>(
        "quickpay.edge.connections.refused",
        "{connection}"
    );

    /// <summary>Until the certificate that members are shown ends.</summary>
    public static readonly Gauge<long> CertificateSecondsLeft = Meter.CreateGauge<long>("quickpay.edge.certificate.left", "s");

    /// <summary>Requests that were no well-formed call and so went no further, by <c>reason</c>.</summary>
    public static readonly Counter<long> Malformed = Meter.CreateCounter<long>("quickpay.edge.requests.malformed", "{request}");

    /// <summary>Requests refused with 429, by the tag <c>limit</c>.</summary>
    public static readonly Counter<long> RateLimited = Meter.CreateCounter<long>("quickpay.edge.rate_limited", "{request}");

    /// <summary>Requests refused for where they come from, by <c>country</c>; <c>unknown</c> when the database does not say.</summary>
    public static readonly Counter<long> CountriesBlocked = Meter.CreateCounter<long>("quickpay.edge.countries.blocked", "{request}");

    /// <summary>Requests by what the firewall did: fast, passed, detected, blocked, malformed, overloaded, failed.</summary>
    public static readonly Counter<long> FirewallRequests = Meter.CreateCounter<long>("quickpay.edge.firewall.requests", "{request}");

    /// <summary>Matches by the rule's number and by what became of the request: blocked, or detected and let pass.</summary>
    public static readonly Counter<long> FirewallMatches = Meter.CreateCounter<long>("quickpay.edge.firewall.matches", "{match}");

    /// <summary>From asking for a verdict to having it, waiting included.</summary>
    public static readonly Histogram<double> FirewallDuration = Meter.CreateHistogram<double>("quickpay.edge.firewall.duration", "ms");

    /// <summary>Servers that went out or came back in: <c>server</c>, <c>state</c> (<c>in</c>, <c>out</c>).</summary>
    public static readonly Counter<long> ServerChanges = Meter.CreateCounter<long>("quickpay.edge.server.changes", "{change}");

    /// <summary>Requests that went to a second server.</summary>
    public static readonly Counter<long> SecondTries = Meter.CreateCounter<long>("quickpay.edge.second_tries", "{request}");

    /// <summary>Requests that no server answered, by the problem's <c>code</c>.</summary>
    public static readonly Counter<long> Unanswered = Meter.CreateCounter<long>("quickpay.edge.unanswered", "{request}");
}
