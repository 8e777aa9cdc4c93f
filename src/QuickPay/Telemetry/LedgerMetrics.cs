using System.Diagnostics.Metrics;

namespace QuickPay.Telemetry;

/// <summary>The ledger's instruments; their names live here only.</summary>
public static class LedgerMetrics
{
    public const string MeterName = "QuickPay.Ledger";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Transfers written, by commit.</summary>
    public static readonly Counter<long> Posted = Meter.CreateCounter<long>("quickpay.ledger.posted", "{transfer}");

    public static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("quickpay.ledger.batch.size", "{request}");

    public static readonly Histogram<double> BatchDuration = Meter.CreateHistogram<double>("quickpay.ledger.batch.duration", "ms");

    /// <summary>Commits whose outcome had to be looked up.</summary>
    public static readonly Counter<long> UnknownCommits = Meter.CreateCounter<long>("quickpay.ledger.commits.unknown", "{commit}");

    /// <summary>Commits that returned before the standby had them (notice 01000). Must stay zero; it alarms.</summary>
    public static readonly Counter<long> UnsynchronizedCommits = Meter.CreateCounter<long>(
        "quickpay.ledger.commits.unsynchronized",
        "{commit}"
    );

    /// <summary>Requests refused because the queue was full.</summary>
    public static readonly Counter<long> Overloaded = Meter.CreateCounter<long>("quickpay.ledger.overloaded", "{request}");
}
