using System.Diagnostics.Metrics;

namespace QuickPay.Edge.Http;

/// <summary>Instruments of what connections and requests meet first; their names live here only.</summary>
public static class HttpMetrics
{
    public const string MeterName = "QuickPay.Edge.Http";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Connections closed as they came because there were too many.</summary>
    public static readonly Counter<long> ConnectionsRefused = Meter.CreateCounter<long>(
        "quickpay.edge.connections.refused",
        "{connection}"
    );

    /// <summary>Requests that were no well-formed call and so went no further, by <c>reason</c>.</summary>
    public static readonly Counter<long> Malformed = Meter.CreateCounter<long>("quickpay.edge.requests.malformed", "{request}");

    /// <summary>Until the certificate that members are shown ends.</summary>
    public static readonly Gauge<long> CertificateSecondsLeft = Meter.CreateGauge<long>("quickpay.edge.certificate.left", "s");
}
