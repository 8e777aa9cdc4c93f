using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Statistics;

/// <summary>Everybody's transfers between two days, as far as they are summed up.</summary>
/// <param name="Until">Every hour of the range up to here is in it, and none after it; null when none is.</param>
/// <param name="Hours">Empty for ranges of more than <see cref="OperatorStatistics.DaysWithHoursMax"/> days.</param>
public sealed record OperatorReport(
    DateTime? Until,
    IReadOnlyList<DaySum> Days,
    IReadOnlyList<HourSum> Hours,
    IReadOnlyList<TopAccount> TopAccounts
);

/// <summary>Of one kind in one currency, how many and how much; only kinds that move money.</summary>
public readonly record struct VolumeSum(TransferKind Kind, Currency Currency, long Transfers, long Amount);

/// <summary>How busy the ledger was: rows of any kind, and the busiest second.</summary>
public readonly record struct Load(long Postings, int PeakPostings, DateTime? PeakAt);

/// <summary>A day of Asia/Seoul.</summary>
/// <param name="HoursSummedUp">24 once the day is over.</param>
/// <param name="ActiveMembers">Who sent or received money, each once; null until the day is over.</param>
public sealed record DaySum(DateOnly Day, Load Load, int HoursSummedUp, int? ActiveMembers, IReadOnlyList<VolumeSum> Volumes);

/// <summary>An hour.</summary>
/// <param name="ActiveMembers">Who sent or received money, each once.</param>
public sealed record HourSum(DateTime Hour, Load Load, int ActiveMembers, IReadOnlyList<VolumeSum> Volumes);

/// <summary>An account with large transfers to and from other members.</summary>
/// <param name="Amount">Over the days that are over and on which it was among the <see cref="HourRollUp.PlacesMax"/> largest: exact for one day, at least this much for more.</param>
public readonly record struct TopAccount(Guid AccountId, Currency Currency, long Transfers, long Amount);
