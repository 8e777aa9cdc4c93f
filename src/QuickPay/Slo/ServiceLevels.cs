namespace QuickPay.Slo;

/// <summary>
/// Every threshold at which somebody is told, written once: alarms on AWS and those of a machine of ours are made from this list. The case study's
/// stand above its own promise (300 and 500 ms above 200, 0.5 % above 99.99 %), so the promise has lines of its own.
/// </summary>
public static class ServiceLevels
{
    private const string CaseStudy = "case study";
    private const string Promise = "the promise";
    private const string Ours = "ours";

    public static readonly IReadOnlyList<ServiceLevel> All =
    [
        new("database-processor-critical", Indicator.DatabaseProcessor, Side.Above, 80, 1, Severity.Critical, CaseStudy),
        new("database-processor-warning", Indicator.DatabaseProcessor, Side.Above, 70, 5, Severity.Warning, CaseStudy),
        new("response-time-critical", Indicator.ResponseTime, Side.Above, 500, 1, Severity.Critical, CaseStudy),
        new("response-time-warning", Indicator.ResponseTime, Side.Above, 300, 1, Severity.Warning, CaseStudy),
        new("response-time-promise", Indicator.ResponseTime, Side.Above, 200, 5, Severity.Warning, Promise),
        new("errors-critical", Indicator.Errors, Side.Above, 1, 1, Severity.Critical, CaseStudy),
        new("errors-warning", Indicator.Errors, Side.Above, 0.5, 1, Severity.Warning, CaseStudy),
        new("errors-promise", Indicator.Errors, Side.Above, 0.01, 15, Severity.Warning, Promise),
        new("replica-lag", Indicator.ReplicaLag, Side.Above, 30, 5, Severity.Warning, Ours),
        new("database-room", Indicator.DatabaseRoom, Side.Below, 20, 5, Severity.Critical, Ours),
        new("cache-memory", Indicator.CacheMemory, Side.Above, 75, 5, Severity.Critical, Ours),
        new("ready-servers", Indicator.ReadyServers, Side.Below, 2, 1, Severity.Critical, Ours),
    ];
}
