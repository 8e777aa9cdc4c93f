namespace QuickPay.Bench.Proof;

/// <summary>Where a system keeps its books, so that the same proof is asked of all of them.</summary>
/// <param name="Transfers">The table of transfers; its id column is "id".</param>
/// <param name="SumsByCurrency">A query giving (currency, sum of all balances).</param>
internal sealed record BooksSql(string Transfers, string SumsByCurrency);
