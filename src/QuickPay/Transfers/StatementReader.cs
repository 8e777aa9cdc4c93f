using Npgsql;
using NpgsqlTypes;
using QuickPay.Money;
using QuickPay.Postgres;

namespace QuickPay.Transfers;

/// <summary>
/// The frame of a statement, fixed when it begins: what happens on the account afterwards is no part of it, and changes nothing in it.
/// </summary>
/// <param name="AccountVersion">Of the account when the statement began: of a hold that is closed later, the statement says that it is pending.</param>
/// <param name="First">Version of the period's first row.</param>
/// <param name="End">Version after that of its last row.</param>
/// <param name="Opening">Balance before the first row, in minor units.</param>
/// <param name="Closing">Balance after the last row, in minor units.</param>
/// <param name="AsOf">When it began, by the clock of the server that was read.</param>
/// <param name="Timeline">Of the primary; null if a replica was read.</param>
/// <param name="Lsn">Who has replayed this much log has all rows of the statement.</param>
public sealed record StatementFrame(
    Guid AccountId,
    string AccountNumber,
    Currency Currency,
    long AccountVersion,
    long First,
    long End,
    long Opening,
    long Closing,
    DateTime AsOf,
    uint? Timeline,
    ulong Lsn
);

/// <summary>
/// Reads statements: all rows of a period, the oldest first, in short reads that any server may do which has them.
/// <para>
/// Times disagree with the order of versions by a moment (ADR 0006), and a statement has to add up. So a period is a range of versions: it
/// begins with the first row that was made at or after its beginning, and ends before the first one at or after its end. Periods that adjoin
/// share no row and miss none, and one's closing balance is the other's opening balance.
/// </para>
/// </summary>
public static class StatementReader
{
    /// <summary>
    /// How much later a row of a lower version may say that it was made, and more: batches take milliseconds, and clocks of a lost and a new
    /// primary differ by less.
    /// </summary>
    private static readonly TimeSpan Disorder = TimeSpan.FromMinutes(1);

    private const string AccountSql = $"""
        SELECT b.balance, b.version, b.currency, a.number, clock_timestamp(),
               {LogPlace.Lsn}, {LogPlace.Timeline}
        FROM balances b JOIN accounts a ON a.id = b.account_id
        WHERE b.account_id = $1 AND b.owner_id = $2
        """;

    private const string MadeAtSql = """
        SELECT created_at FROM transfers WHERE debit_account = $1 AND debit_version = $2
        UNION ALL
        SELECT created_at FROM transfers WHERE credit_account = $1 AND credit_version = $2 AND credit_version > 0
        """;

    // Its own balance and what it moved tell the balance before a row, so that no older month has to be there for it.
    private const string FirstSinceSql = """
        SELECT p.version, p.balance - p.moved
        FROM (
            (SELECT t.debit_version AS version, t.debit_balance AS balance, CASE WHEN t.kind IN (5, 7, 8) THEN 0 ELSE -t.amount END AS moved
             FROM transfers t
             WHERE t.debit_account = $1 AND t.debit_version BETWEEN $2 AND $3
               AND t.created_at >= $4 AND t.id >= uuid_v7_floor($4 - interval '1 hour')
             ORDER BY t.debit_version LIMIT 1)
            UNION ALL
            (SELECT t.credit_version, t.credit_balance, t.amount
             FROM transfers t
             WHERE t.credit_account = $1 AND t.credit_version BETWEEN $2 AND $3 AND t.credit_version > 0
               AND t.created_at >= $4 AND t.id >= uuid_v7_floor($4 - interval '1 hour')
             ORDER BY t.credit_version LIMIT 1)
        ) p ORDER BY p.version LIMIT 1
        """;

    // As the history's page (TransferReader), the other way round. What closed a hold counts if it was there when the statement began.
    private const string PageSql = """
        SELECT coalesce(CASE WHEN p.kind = 6 THEN p.link END, p.id), p.kind, p.closing, p.incoming, p.debit_account, p.credit_account,
               p.amount, p.currency, p.memo, p.created_at, p.expires_at, p.balance, p.held, p.version
        FROM (
            (SELECT t.id, t.link, t.kind, t.debit_account, t.credit_account, t.amount, t.currency, t.memo, t.created_at, t.expires_at,
                    t.debit_balance AS balance, t.debit_held AS held, t.debit_version AS version, false AS incoming, c.kind AS closing
             FROM transfers t LEFT JOIN LATERAL (
                 SELECT x.kind FROM transfers x
                 WHERE t.kind = 5 AND x.link = t.id AND x.kind IN (6, 7, 8) AND x.debit_version <= $5) c ON true
             WHERE t.debit_account = $1 AND t.debit_version >= $2 AND t.debit_version < $3 AND t.kind NOT IN (7, 8)
               AND c.kind IS DISTINCT FROM 6
               AND t.id >= uuid_v7_floor($6 - interval '1 hour') AND t.id < uuid_v7_floor($7 + interval '1 hour')
             ORDER BY t.debit_version LIMIT $4)
            UNION ALL
            (SELECT t.id, t.link, t.kind, t.debit_account, t.credit_account, t.amount, t.currency, t.memo, t.created_at, t.expires_at,
                    t.credit_balance, t.credit_held, t.credit_version, true, NULL
             FROM transfers t
             WHERE t.credit_account = $1 AND t.credit_version >= $2 AND t.credit_version < $3 AND t.credit_version > 0
               AND t.id >= uuid_v7_floor($6 - interval '1 hour') AND t.id < uuid_v7_floor($7 + interval '1 hour')
             ORDER BY t.credit_version LIMIT $4)
        ) p ORDER BY p.version LIMIT $4
        """;

    /// <summary>The frame of a statement from <paramref name="from"/> (inclusive) to <paramref name="to"/> (exclusive).</summary>
    /// <returns>Null when there is no such account of <paramref name="ownerId"/>.</returns>
    public static async Task<StatementFrame?> BeginAsync(
        NpgsqlConnection connection,
        Guid accountId,
        Guid ownerId,
        DateTime from,
        DateTime to,
        CancellationToken cancellationToken
    )
    {
        if (await ReadAccountAsync(connection, accountId, ownerId, cancellationToken) is not { } now)
        {
            return null;
        }
        var (first, opening) = await FindAsync(connection, now, from, cancellationToken);
        var (end, closing) = await FindAsync(connection, now, to, cancellationToken);
        return now with { First = first, End = end, Opening = opening, Closing = closing };
    }

    /// <summary>The next rows of a statement; fewer than <paramref name="limit"/> are the last ones.</summary>
    /// <param name="connection">To a server that has replayed the frame's log.</param>
    /// <param name="frame">Of the statement.</param>
    /// <param name="since">The lowest version on the page: the frame's first, or one more than that of the row before.</param>
    /// <param name="from">As the statement began with.</param>
    /// <param name="to">As the statement began with.</param>
    /// <param name="limit">Of rows.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public static async Task<List<HistoryItem>> PageAsync(
        NpgsqlConnection connection,
        StatementFrame frame,
        long since,
        DateTime from,
        DateTime to,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(connection, PageSql, frame.AccountId, since, frame.End);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = frame.AccountVersion });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = to });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<HistoryItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(TransferReader.ReadItem(reader));
        }
        return items;
    }

    private static async Task<StatementFrame?> ReadAccountAsync(
        NpgsqlConnection connection,
        Guid accountId,
        Guid ownerId,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(AccountSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = accountId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ownerId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }
        var (balance, version) = (reader.GetInt64(0), reader.GetInt64(1));
        return new StatementFrame(
            accountId,
            reader.GetString(3),
            (Currency)reader.GetInt16(2),
            version,
            First: version + 1,
            End: version + 1,
            balance,
            balance,
            reader.GetDateTime(4),
            reader.IsDBNull(6) ? null : (uint)reader.GetInt64(6),
            (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(5)
        );
    }

    /// <summary>
    /// The first row at or after <paramref name="at"/>, and the balance before it; past the newest row if there is none. Halving the versions
    /// costs the same however long the history is; what their disorder leaves open is then looked through.
    /// </summary>
    private static async Task<(long Version, long BalanceBefore)> FindAsync(
        NpgsqlConnection connection,
        StatementFrame now,
        DateTime at,
        CancellationToken cancellationToken
    )
    {
        var (low, high) = (1L, now.AccountVersion + 1);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            await using var madeAt = Command(connection, MadeAtSql, now.AccountId, middle);
            // A row that is not there any more is older than all that are.
            if (await madeAt.ExecuteScalarAsync(cancellationToken) is DateTime time && time >= at - Disorder)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        await using var command = Command(connection, FirstSinceSql, now.AccountId, low, now.AccountVersion);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : (now.AccountVersion + 1, now.Closing);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, Guid accountId, params ReadOnlySpan<long> numbers)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = accountId });
        foreach (var number in numbers)
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        }
        return command;
    }
}
