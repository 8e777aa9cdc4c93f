namespace QuickPay.Postgres;

/// <summary>What is read that need not come from the primary; each has replicas of its own, so that no report slows a history down.</summary>
public enum ReplicaRole
{
    /// <summary>Pages of accounts' histories: short, and somebody waits for them.</summary>
    History,

    /// <summary>A member's own figures: short.</summary>
    Statistics,

    /// <summary>Exports and other long reads.</summary>
    Reports,

    /// <summary>Figures over everybody, for operators: from where reports are read, by the role of statistics.</summary>
    Totals,
}

/// <summary>The words for roles that operators see.</summary>
internal static class ReplicaRoles
{
    public static string Word(this ReplicaRole role) =>
        role switch
        {
            ReplicaRole.History => "history",
            ReplicaRole.Statistics => "statistics",
            ReplicaRole.Reports => "reports",
            ReplicaRole.Totals => "totals",
        };
}

/// <summary>A place in the primary's log. Places on different timelines cannot be compared.</summary>
/// <param name="Timeline">Of the primary; 0 with the place that every replica has reached.</param>
/// <param name="Lsn">The log sequence number.</param>
public readonly record struct LogPosition(uint Timeline, ulong Lsn);
