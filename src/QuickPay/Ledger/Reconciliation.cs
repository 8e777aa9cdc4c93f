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
/// primary keeps hot rows from being cleaned up. An account with a long history, such as one of the house, is read in windows of
/// versions up to the one that its page showed: rows never change, so no snapshot has to last for all of them.
/// </summary>
/// <param name="dataSource">The worker's.</param>
/// <param name="windowSize">The most rows of one account that one statement reads.</param>
public sealed class Reconciliation(NpgsqlDataSource dataSource, int windowSize = 50_000)
{
    private const int PageSize = 2_000;
    private const int DiscrepanciesMax = 100;
    private const int StatementSeconds = 60;

    private const string SumsSql = """
        SELECT format('currency %s sums to %s', currency, sum(balance)) FROM balances GROUP BY currency HAVING sum(balance) <> 0
        """;

    private const string PageSql = """
        WITH page AS MATERIALIZED (
            SELECT account_id, balance, held, version FROM balances WHERE account_id > $1 ORDER BY account_id LIMIT $2
        ), rows AS (
            SELECT p.account_id, t.debit_version AS version, t.debit_balance AS balance, t.debit_held AS held,
                   CASE WHEN t.kind IN (5, 7, 8) THEN 0 ELSE -t.amount END AS moved
            FROM page p JOIN transfers t ON t.debit_account = p.account_id WHERE p.version <= $3
            UNION ALL
            SELECT p.account_id, t.credit_version, t.credit_balance, t.credit_held, t.amount
            FROM page p JOIN transfers t ON t.credit_account = p.account_id WHERE t.credit_version > 0 AND p.version <= $3
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

    /// <summary>The rows of one account with versions after $2, up to $3, which follow on the balance $4.</summary>
    private const string WindowSql = """
        WITH rows AS (
            SELECT debit_version AS version, debit_balance AS balance, CASE WHEN kind IN (5, 7, 8) THEN 0 ELSE -amount END AS moved
            FROM transfers WHERE debit_account = $1 AND debit_version > $2 AND debit_version <= $3
            UNION ALL
            SELECT credit_version, credit_balance, amount
            FROM transfers WHERE credit_account = $1 AND credit_version > $2 AND credit_version <= $3
        ), steps AS (
            SELECT version, balance, moved,
                   lag(version, 1, $2) OVER w AS version_before, lag(balance, 1, $4) OVER w AS balance_before
            FROM rows WINDOW w AS (ORDER BY version)
        )
        SELECT coalesce(sum(moved), 0)::bigint, count(*),
               count(*) FILTER (WHERE version <> version_before + 1 OR balance <> balance_before + moved)
        FROM steps
        """;

    public async Task<ReconciliationReport> RunAsync(CancellationToken cancellationToken)
    {
        var discrepancies = new List<string>();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var sums = new NpgsqlCommand(SumsSql, connection) { CommandTimeout = StatementSeconds })
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

    private async Task<(int Read, Guid Last)> CheckPageAsync(
        NpgsqlConnection connection,
        Guid after,
        List<string> discrepancies,
        CancellationToken cancellationToken
    )
    {
        var page = await ReadPageAsync(connection, after, cancellationToken);
        foreach (var account in page)
        {
            var history = account.Version > windowSize ? await ReadHistoryAsync(connection, account, cancellationToken) : account.History;
            var expected = new History(account.Balance, account.Version, Broken: 0);
            if (history != expected || account.Held != account.Open)
            {
                discrepancies.Add(
                    $"account {account.Id}: balance {account.Balance} against transfers {history.Moved}, held {account.Held} against holds "
                        + $"{account.Open}, version {account.Version} against {history.Steps} rows, {history.Broken} broken steps"
                );
            }
        }
        return (page.Count, page.Count == 0 ? after : page[^1].Id);
    }

    private async Task<List<Account>> ReadPageAsync(NpgsqlConnection connection, Guid after, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PageSql, connection) { CommandTimeout = StatementSeconds };
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = windowSize });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<Account>(PageSize);
        while (await reader.ReadAsync(cancellationToken))
        {
            page.Add(
                new Account(
                    reader.GetGuid(0),
                    reader.GetInt64(1),
                    reader.GetInt64(2),
                    reader.GetInt64(3),
                    Open: reader.GetInt64(5),
                    new History(reader.GetInt64(4), reader.GetInt64(6), reader.GetInt64(7))
                )
            );
        }
        return page;
    }

    /// <summary>The same sums as a page has, window by window.</summary>
    private async Task<History> ReadHistoryAsync(NpgsqlConnection connection, Account account, CancellationToken cancellationToken)
    {
        var all = new History(0, 0, 0);
        for (var version = 0L; version < account.Version; version += windowSize)
        {
            await using var command = new NpgsqlCommand(WindowSql, connection) { CommandTimeout = StatementSeconds };
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account.Id });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Math.Min(version + windowSize, account.Version) });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = all.Moved });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            all = new History(all.Moved + reader.GetInt64(0), all.Steps + reader.GetInt64(1), all.Broken + reader.GetInt64(2));
        }
        return all;
    }

    /// <summary>An account as its page's snapshot showed it.</summary>
    private sealed record Account(Guid Id, long Balance, long Held, long Version, long Open, History History);

    /// <summary>What an account's rows come to.</summary>
    /// <param name="Moved">Their sum.</param>
    /// <param name="Steps">Their number.</param>
    /// <param name="Broken">Those that do not follow on the one before.</param>
    private readonly record struct History(long Moved, long Steps, long Broken);
}
