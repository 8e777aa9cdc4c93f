using System.Diagnostics.Metrics;

namespace QuickPay.Worker;

/// <summary>The worker's instruments; their names live here only.</summary>
internal static class WorkerMetrics
{
    public const string MeterName = "QuickPay.Worker";

    private static readonly Meter Meter = new(MeterName);
    private static int s_leads;

    /// <summary>1 while this worker leads, else 0. Over all workers it is 1; while it is 0 no job runs, and for long that is an alarm.</summary>
    public static readonly ObservableGauge<int> Leader = Meter.CreateObservableGauge(
        "quickpay.worker.leader",
        () => Volatile.Read(ref s_leads),
        "{worker}"
    );

    public static void Leads(bool yes) => Volatile.Write(ref s_leads, yes ? 1 : 0);
}
