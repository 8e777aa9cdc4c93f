using Npgsql;

namespace QuickPay.Ledger;

/// <summary>What a reconciliation found. <see cref="Discrepancies"/> is empty when the books balance.</summary>
public sealed record ReconciliationReport(long Accounts, IReadOnlyList<string> Discrepancies)
{
    public bool Balances => Discrepancies.Count == 0;
}

/// <summary>
/// Recomputes what must hold from the immutable rows: every currency sums to zero, every balance is the sum of its transfers, every
/// hold-back the sum of its open holds, and every account's versions run 1, 2, 3 … with the balance that each row says.
/// Accounts are checked a page at a time, each page in a statement (and so a snapshot) of its own: one long snapshot over a busy
/// primary keeps hot rows from being cleaned up.
/// </summary>
public sealed class Reconciliation(NpgsqlDataSource dataSource)
{
    private const int PageSize = 2_000;
    private const int DiscrepanciesMax = 100;

    private const string SumsSql = """
        SELECT format('currency %s sums to %s', currency, sum(balance)) FROM balances GROUP BY currency HAVING sum(balance) <> 0
        """;

    private const string PageSql = """
        WITH page AS MATERIALIZED (
            SELECT account_id, balance, held, version FROM balances WHERE account_id > $1 ORDER BY account_id LIMIT $2
        ), rows AS (
            SELECT p.account_id, t.debit_version AS version, t.debit_balance AS balance, t.debit_held AS held,
                   CASE WHEN t.kind IN (5, 7, 8) THEN 0 ELSE -t.amount END AS moved
            FROM page p JOIN transfers t ON t.debit_account = p.account_id
            UNION ALL
            SELECT p.account_id, t.credit_version, t.credit_balance, t.credit_held, t.amount
            FROM page p JOIN transfers t ON t.credit_account = p.account_id WHERE t.credit_version > 0
        ), steps AS (
            SELECT account_id, version, balance, moved,
                   lag(version, 1, 0::bigint) OVER w AS version_before, lag(balance, 1, 0::bigint) OVER w AS balance_before
            FROM rows WINDOW w AS (PARTITION BY account_id ORDER BY version)
        ), sums AS (
            SELECT account_id, sum(moved) AS moved, count(*) AS steps,
                   count(*) FILTER (WHERE version <> version_before + 1 OR balance <> balance_before + moved) AS broken
            FROM steps GROUP BY account_id
        ), open AS (
            SELECT p.account_id, sum(h.amount) AS held FROM page p JOIN holds h ON h.debit_account = p.account_id GROUP BY 1
        )
        SELECT p.account_id, p.balance, p.held, p.version,
               coalesce(s.moved, 0)::bigint, coalesce(o.held, 0)::bigint, coalesce(s.steps, 0), coalesce(s.broken, 0)
        FROM page p LEFT JOIN sums s USING (account_id) LEFT JOIN open o USING (account_id)
        ORDER BY p.account_id
        """;

    public async Task<ReconciliationReport> RunAsync(CancellationToken cancellationToken)
    {
        var discrepancies = new List<string>();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var sums = new NpgsqlCommand(SumsSql, connection))
        await using (var reader = await sums.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                discrepancies.Add(reader.GetString(0));
            }
        }
        long accounts = 0;
        var last = Guid.Empty;
        int read;
        do
        {
            (read, last) = await CheckPageAsync(connection, last, discrepancies, cancellationToken);
            accounts += read;
        } while (read == PageSize && discrepancies.Count < DiscrepanciesMax);
        return new ReconciliationReport(accounts, discrepancies);
    }

    private static async Task<(int Read, Guid Last)> CheckPageAsync(
        NpgsqlConnection connection,
        Guid after,
        List<string> discrepancies,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(PageSql, connection) { CommandTimeout = 60 };
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var read = 0;
        var last = after;
        while (await reader.ReadAsync(cancellationToken))
        {
            read++;
            last = reader.GetGuid(0);
            var (balance, held, version) = (reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
            var (moved, open, steps, broken) = (reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7));
            if (balance != moved || held != open || version != steps || broken != 0)
            {
                discrepancies.Add(
                    $"account {last}: balance {balance} against transfers {moved}, held {held} against holds {open}, "
                        + $"version {version} against {steps} rows, {broken} broken steps"
                );
            }
        }
        return (read, last);
    }
}
