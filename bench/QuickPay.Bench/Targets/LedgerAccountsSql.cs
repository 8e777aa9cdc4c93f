using QuickPay.Bench.Load;
using static System.FormattableString;

namespace QuickPay.Bench.Targets;

/// <summary>Makes load accounts in the ledger's own tables: tier Load (no limits), a floor of -10^15 won, so that nobody needs funding and the sum stays zero.</summary>
internal static class LedgerAccountsSql
{
    public const long Floor = -1_000_000_000_000_000;
    private const int LoadTier = 9;
    public const int Won = 410;

    public static IReadOnlyList<string> Statements(AccountSet accounts, IReadOnlyList<Guid> owners) =>
        [
            Invariant(
                $"""
                INSERT INTO accounts (id, number, owner_id, kind, currency, created_at)
                SELECT {IdOf(accounts, "i")}, ({accounts.FirstNumber} + i)::text, {OwnerOf(owners, "i")}, 1, {Won}, now()
                FROM generate_series(0::bigint, {accounts.Count - 1}) AS i
                """
            ),
            Invariant(
                $"""
                INSERT INTO balances (account_id, owner_id, balance, held, version, floor, day_sent, day, tier, status, currency)
                SELECT {IdOf(accounts, "i")}, {OwnerOf(owners, "i")}, 0, 0, 0, {Floor}, 0, '2000-01-01', {LoadTier}, 1, {Won}
                FROM generate_series(0::bigint, {accounts.Count - 1}) AS i
                """
            ),
            "VACUUM (ANALYZE) accounts",
            .. Settle("balances"),
        ];

    /// <summary>
    /// Brings a table that was just filled to where it stands most of the time: in the middle between two checkpoints. The first change of
    /// a page after a checkpoint puts the whole page into the log; half an hour of load pays that once a page, while seconds of load right
    /// after a checkpoint would pay it with nearly every change in a large table. Locking one row of each page pays it beforehand.
    /// </summary>
    public static IReadOnlyList<string> Settle(string table) =>
        [
            $"VACUUM (ANALYZE) {table}",
            "CHECKPOINT",
            $"""
                SELECT count(*) FROM (
                    SELECT 1 FROM {table}
                    WHERE ctid = ANY (ARRAY(SELECT format('(%s,1)', page)::tid
                                            FROM generate_series(0, pg_relation_size('{table}') / current_setting('block_size')::int - 1) AS page))
                    FOR UPDATE) AS locked
                """,
        ];

    /// <summary>The id of the account with an index, as <see cref="AccountSet.WriteId"/> makes it.</summary>
    public static string IdOf(AccountSet accounts, string index) =>
        Invariant($"(lpad(to_hex({accounts.FirstTime} + {index}), 12, '0') || '{accounts.Marker}')::uuid");

    public static string OwnerOf(IReadOnlyList<Guid> owners, string index) =>
        Invariant($"('{{{string.Join(',', owners)}}}'::uuid[])[{index} % {owners.Count} + 1]");
}
