using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Statistics;

/// <summary>A member's month; days, and so months, are those of Asia/Seoul.</summary>
/// <param name="AsOf">What was committed until then is in it.</param>
/// <param name="Timeline">Of the primary that it is of.</param>
public sealed record MemberMonth(DateTime AsOf, uint Timeline, IReadOnlyList<AccountMonth> Accounts);

/// <summary>Money that moved through one account; what is only held has not moved.</summary>
public sealed record AccountMonth(Guid AccountId, Currency Currency, SideOfMonth In, SideOfMonth Out);

/// <summary>One direction.</summary>
/// <param name="Kinds">All of it, by kind.</param>
/// <param name="Counterparties">The other members' accounts with the largest sums, the largest first; exact as far as they go.</param>
public sealed record SideOfMonth(IReadOnlyList<KindSum> Kinds, IReadOnlyList<CounterpartySum> Counterparties);

/// <summary>Of one kind, how many and how much.</summary>
public readonly record struct KindSum(TransferKind Kind, long Transfers, long Amount);

/// <summary>With one other member's account, how many and how much.</summary>
public readonly record struct CounterpartySum(Guid AccountId, long Transfers, long Amount);
