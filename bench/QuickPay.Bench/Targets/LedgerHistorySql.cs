using QuickPay.Bench.Load;
using static System.FormattableString;

namespace QuickPay.Bench.Targets;

/// <summary>
/// Gives accounts a history, as posted transfers: in each round everybody pays the next one, so that afterwards all balances are what they
/// were, and each account's versions and balances follow on one another as the ledger would have written them.
/// </summary>
internal static class LedgerHistorySql
{
    /// <summary>For all: 60 rows, three full pages.</summary>
    private const int Rounds = 30;

    /// <summary>On top, for the most popular: 200 rows in the end.</summary>
    private const int HotRounds = 70;

    /// <summary>One in so many is popular.</summary>
    private const int HotShare = 50;

    /// <summary>The statements for accounts that have just been opened.</summary>
    public static IReadOnlyList<string> Statements(AccountSet accounts) =>
        [
            .. Ring(accounts, accounts.Count, Rounds, versionBefore: 0),
            .. Ring(accounts, Math.Max(2, accounts.Count / HotShare), HotRounds, versionBefore: 2 * Rounds),
            "VACUUM (ANALYZE) transfers",
            .. LedgerAccountsSql.Settle("balances"),
        ];

    /// <summary>In each round an account first sends, then receives. The ids lie as random as the ledger's own within a millisecond.</summary>
    private static IReadOnlyList<string> Ring(AccountSet accounts, long members, int rounds, int versionBefore) =>
        [
            Invariant(
                $"""
                INSERT INTO transfers (id, debit_account, credit_account, amount, debit_balance, debit_held, debit_version,
                                       credit_balance, credit_held, credit_version, batch_id, created_at, kind, currency)
                SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid,
                       {IdOfRank(accounts, "payer")}, {IdOfRank(
                    accounts,
                    Invariant($"(payer % {members} + 1)")
                )}, 1000 + round, -(1000 + round), 0, {versionBefore} + 2 * round - 1,
                       0, 0, {versionBefore} + 2 * round, 0, now(), 1, {LedgerAccountsSql.Won}
                FROM (
                    SELECT round, payer, md5('{accounts.Marker}/{versionBefore}/' || round || '/' || payer) AS hash
                    FROM generate_series(1::bigint, {rounds}) AS round, generate_series(1::bigint, {members}) AS payer
                ) AS made ORDER BY round, payer
                """
            ),
            Invariant(
                $"""
                UPDATE balances SET version = {versionBefore + 2 * rounds}
                WHERE account_id IN (SELECT {IdOfRank(accounts, "rank")} FROM generate_series(1::bigint, {members}) AS rank)
                """
            ),
        ];

    /// <summary>As <see cref="AccountSet.IndexOfRank"/> says.</summary>
    private static string IdOfRank(AccountSet accounts, string rank) =>
        LedgerAccountsSql.IdOf(accounts, Invariant($"({rank} * {AccountSet.Stride} % {accounts.Count})"));
}
