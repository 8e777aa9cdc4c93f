using System.Diagnostics.Metrics;

namespace QuickPay.Telemetry;

/// <summary>The instruments of reading from PostgreSQL's replicas; their names live here only.</summary>
public static class PostgresMetrics
{
    public const string MeterName = "QuickPay.Postgres";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>
    /// Reads that need not come from the primary, by <c>role</c> (history, statistics, reports) and <c>place</c>: replica, primary, or refused
    /// because too many read already.
    /// </summary>
    public static readonly Counter<long> Reads = Meter.CreateCounter<long>("quickpay.postgres.reads", "{read}");

    /// <summary>How far a replica is behind, by <c>role</c> and <c>host</c>; -1 for one that is away or may not be believed.</summary>
    public static readonly Gauge<long> ReplicaLag = Meter.CreateGauge<long>("quickpay.postgres.replica.lag", "ms");
}
