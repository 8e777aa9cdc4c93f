namespace QuickPay.Cli.Drills.History;

/// <summary>Where a promotion left the log of the primary before it. What that one wrote past this point never was.</summary>
/// <param name="Timeline">The new primary's.</param>
/// <param name="Lsn">The log position at which it begins.</param>
public sealed record TimelineStart(uint Timeline, ulong Lsn);
