namespace QuickPay.Slo;

/// <summary>What is measured. Each has one place in every installation where it is found; whoever makes alarms has a list of these places.</summary>
public enum Indicator
{
    /// <summary>Percent of the primary's processors.</summary>
    DatabaseProcessor,

    /// <summary>Milliseconds from a request's arrival at the load balancer to its answer, of all but the slowest in a hundred.</summary>
    ResponseTime,

    /// <summary>Percent of requests that we could not answer: 5xx.</summary>
    Errors,

    /// <summary>Seconds that a read replica is behind.</summary>
    ReplicaLag,

    /// <summary>Percent of the primary's storage that is still free.</summary>
    DatabaseRoom,

    /// <summary>Percent of Redis's memory that is used. It throws nothing out: full, it refuses log-ins.</summary>
    CacheMemory,

    /// <summary>API servers that are ready.</summary>
    ReadyServers,
}

/// <summary>What an alarm asks of those who hear it.</summary>
public enum Severity
{
    /// <summary>Somebody is called, at any hour.</summary>
    Critical,

    /// <summary>Somebody looks at it in the morning.</summary>
    Warning,
}

/// <summary>One line of the service's promise, or before it: past it an alarm is raised.</summary>
/// <param name="Name">Stable; part of the alarm's name.</param>
/// <param name="Indicator">What is measured.</param>
/// <param name="Bad">Which side of the threshold is bad.</param>
/// <param name="Threshold">In the indicator's unit.</param>
/// <param name="Minutes">For how long, one value a minute.</param>
/// <param name="Severity">Who is told.</param>
/// <param name="Source">Whose figure it is.</param>
public sealed record ServiceLevel(
    string Name,
    Indicator Indicator,
    Side Bad,
    double Threshold,
    int Minutes,
    Severity Severity,
    string Source
);

/// <summary>A side of a threshold.</summary>
public enum Side
{
    Above,
    Below,
}
