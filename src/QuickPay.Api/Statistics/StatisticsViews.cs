namespace QuickPay.Api.Statistics;

/// <summary>A member's month. Money that is only held has not moved and is not in it.</summary>
/// <param name="Month"><c>2026-11</c>, of Asia/Seoul.</param>
/// <param name="AsOf">What was committed until then is in it.</param>
/// <param name="Accounts">The member's accounts, the oldest first.</param>
public sealed record MemberMonthView(string Month, DateTime AsOf, IReadOnlyList<AccountMonthView> Accounts);

/// <summary>One account's month.</summary>
/// <param name="In">Money that came.</param>
/// <param name="Out">Money that went.</param>
public sealed record AccountMonthView(Guid AccountId, string Currency, FlowView In, FlowView Out);

/// <summary>One direction.</summary>
/// <param name="Amount">Minor units; all kinds together.</param>
/// <param name="Kinds">By kind; those that there were.</param>
/// <param name="Counterparties">The 20 other members' accounts with the largest sums, the largest first.</param>
public sealed record FlowView(long Transfers, long Amount, IReadOnlyList<KindView> Kinds, IReadOnlyList<CounterpartyView> Counterparties);

/// <summary>One kind.</summary>
/// <param name="Amount">Minor units.</param>
public sealed record KindView(string Kind, long Transfers, long Amount);

/// <summary>One other member's account.</summary>
/// <param name="Amount">Minor units.</param>
public sealed record CounterpartyView(Guid AccountId, long Transfers, long Amount);

/// <summary>Everybody's transfers in a range of days of Asia/Seoul, summed up from hours that are over.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="AsOf">Every hour of the range up to here is in it, and none after it; null when none is.</param>
/// <param name="Volumes">By kind and currency; kinds that move money.</param>
/// <param name="Days">Those that have begun to be summed up.</param>
/// <param name="Hours">For ranges of 31 days at most; else empty.</param>
/// <param name="TopCounterparties">By currency, the 20 members' accounts with the largest transfers to and from other members.</param>
public sealed record OperatorStatisticsView(
    DateOnly From,
    DateOnly To,
    DateTime? AsOf,
    LoadView Load,
    IReadOnlyList<VolumeView> Volumes,
    IReadOnlyList<DayView> Days,
    IReadOnlyList<HourView> Hours,
    IReadOnlyList<TopCounterpartyView> TopCounterparties
);

/// <summary>How busy the ledger was.</summary>
/// <param name="Postings">Rows that it posted, of any kind: holds, cancels and expiries too.</param>
/// <param name="AverageTps">Postings a second, over what is summed up.</param>
/// <param name="PeakTps">Postings in the busiest second.</param>
/// <param name="PeakAt">That second; null when nothing was posted.</param>
public sealed record LoadView(long Postings, decimal AverageTps, int PeakTps, DateTime? PeakAt);

/// <summary>One kind in one currency.</summary>
/// <param name="Amount">Minor units.</param>
public sealed record VolumeView(string Kind, string Currency, long Transfers, long Amount);

/// <summary>A day of Asia/Seoul.</summary>
/// <param name="ActiveMembers">Members who sent or received money, each counted once; null until the day is over.</param>
public sealed record DayView(DateOnly Day, LoadView Load, int? ActiveMembers, IReadOnlyList<VolumeView> Volumes);

/// <summary>An hour.</summary>
/// <param name="ActiveMembers">Members who sent or received money, each counted once.</param>
public sealed record HourView(DateTime Hour, LoadView Load, int ActiveMembers, IReadOnlyList<VolumeView> Volumes);

/// <summary>A member's account.</summary>
/// <param name="Amount">Minor units, over the days on which it was among the 100 largest: exact for one day, at least this much for more.</param>
public sealed record TopCounterpartyView(Guid AccountId, string Currency, long Transfers, long Amount);
