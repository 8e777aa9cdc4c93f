using Npgsql;
using NpgsqlTypes;
using QuickPay.Money;

namespace QuickPay.Transfers;

/// <summary>A transfer with what became of it and whose it is.</summary>
/// <param name="Row">The transfer, or the hold.</param>
/// <param name="Closing">The capture, cancel or expiry of a hold.</param>
/// <param name="Timeline">Of the primary that was read.</param>
/// <param name="Lsn">Where its log stood, at or past the commit of everything read.</param>
public sealed record TransferDetails(Transfer Row, Transfer? Closing, Guid DebitOwner, Guid CreditOwner, uint Timeline, ulong Lsn)
{
    public TransferStatus Status => StatusOf(Row.Kind, Closing?.Kind);

    /// <summary>What members see, from a row and the row that closes it.</summary>
    public static TransferStatus StatusOf(TransferKind kind, TransferKind? closing) =>
        (kind, closing) switch
        {
            (TransferKind.Hold, null) => TransferStatus.Pending,
            (TransferKind.Hold, TransferKind.Cancel) => TransferStatus.Cancelled,
            (TransferKind.Hold, TransferKind.Expire) => TransferStatus.Expired,
            _ => TransferStatus.Posted,
        };
}

/// <summary>What of an account's history to read.</summary>
/// <param name="BeforeVersion">Rows below this version of the account; <see cref="long.MaxValue"/> for the newest page.</param>
public sealed record HistoryQuery(
    Guid AccountId,
    int Limit,
    long BeforeVersion = long.MaxValue,
    DateTime? From = null,
    DateTime? To = null,
    bool? Incoming = null,
    TransferStatus? Status = null,
    Guid? Counterparty = null
);

/// <summary>A transfer as one account sees it.</summary>
/// <param name="TransferId">The id that members know: a captured hold keeps the hold's.</param>
/// <param name="After">The account after it.</param>
public sealed record HistoryItem(
    Guid TransferId,
    TransferKind Kind,
    TransferStatus Status,
    bool Incoming,
    Guid DebitAccount,
    Guid CreditAccount,
    long Amount,
    Currency Currency,
    string? Memo,
    DateTime CreatedAt,
    DateTime? ExpiresAt,
    SideAfter After
);

/// <summary>Reads transfers from the primary.</summary>
public sealed class TransferReader(NpgsqlDataSource dataSource) : IDisposable
{
    // A filter that hardly anything passes reads a long history to its end. Such readers may not take every connection of the pool:
    // log-ins, recipients and readiness need them too.
    private const int HistoriesMax = 6;
    private static readonly TimeSpan HistoryWait = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _histories = new(HistoriesMax);

    private const string Columns = """
        {0}.id, {0}.kind, {0}.debit_account, {0}.credit_account, {0}.link, {0}.amount, {0}.currency,
        {0}.debit_balance, {0}.debit_held, {0}.debit_version, {0}.credit_balance, {0}.credit_held, {0}.credit_version,
        {0}.created_at, {0}.expires_at, {0}.memo
        """;
    private const int ColumnCount = 16;

    /// <summary>What <see cref="ReadTransfer"/> reads, in its order.</summary>
    internal static string ColumnsOf(string alias) => Columns.Replace("{0}", alias, StringComparison.Ordinal);

    internal static readonly string GetSql = $"""
        SELECT {ColumnsOf("t")}, {ColumnsOf("c")},
               debtor.owner_id, creditor.owner_id,
               ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint, pg_current_wal_lsn()
        FROM transfers t
        JOIN accounts debtor ON debtor.id = t.debit_account
        JOIN accounts creditor ON creditor.id = t.credit_account
        LEFT JOIN transfers c ON t.kind = 5 AND c.link = t.id AND c.kind IN (6, 7, 8)
        WHERE t.id = $1 AND t.kind NOT IN (6, 7, 8) AND ($2 IN (debtor.owner_id, creditor.owner_id))
        """;

    // Both sides by their own index, newest first, then merged: a page costs the same however long the history is.
    // One item a payment: a captured hold is its capture (under the hold's id), a cancelled or expired one is the hold.
    // Ids are made a moment before created_at is read, and an hour of margin covers that when months are pruned by time.
    internal const string HistorySql = """
        SELECT coalesce(CASE WHEN p.kind = 6 THEN p.link END, p.id), p.kind, p.closing, p.incoming, p.debit_account, p.credit_account,
               p.amount, p.currency, p.memo, p.created_at, p.expires_at, p.balance, p.held, p.version
        FROM (
            (SELECT t.id, t.link, t.kind, t.debit_account, t.credit_account, t.amount, t.currency, t.memo, t.created_at, t.expires_at,
                    t.debit_balance AS balance, t.debit_held AS held, t.debit_version AS version, false AS incoming, c.kind AS closing
             FROM transfers t LEFT JOIN LATERAL (
                 SELECT x.kind FROM transfers x WHERE t.kind = 5 AND x.link = t.id AND x.kind IN (6, 7, 8)) c ON true
             WHERE t.debit_account = $1 AND t.debit_version < $2 AND NOT coalesce($6, false) AND t.kind NOT IN (7, 8)
               AND c.kind IS DISTINCT FROM 6
               AND ($4::timestamptz IS NULL OR (t.created_at >= $4 AND t.id >= uuid_v7_floor($4 - interval '1 hour')))
               AND ($5::timestamptz IS NULL OR (t.created_at < $5 AND t.id < uuid_v7_floor($5 + interval '1 hour')))
               AND ($7::uuid IS NULL OR t.credit_account = $7)
               AND ($8::smallint IS NULL OR $8 = CASE WHEN t.kind <> 5 THEN 0 WHEN c.kind IS NULL THEN 1 WHEN c.kind = 7 THEN 2 ELSE 3 END)
             ORDER BY t.debit_version DESC LIMIT $3)
            UNION ALL
            (SELECT t.id, t.link, t.kind, t.debit_account, t.credit_account, t.amount, t.currency, t.memo, t.created_at, t.expires_at,
                    t.credit_balance, t.credit_held, t.credit_version, true, NULL
             FROM transfers t
             WHERE t.credit_account = $1 AND t.credit_version < $2 AND t.credit_version > 0 AND coalesce($6, true)
               AND ($4::timestamptz IS NULL OR (t.created_at >= $4 AND t.id >= uuid_v7_floor($4 - interval '1 hour')))
               AND ($5::timestamptz IS NULL OR (t.created_at < $5 AND t.id < uuid_v7_floor($5 + interval '1 hour')))
               AND ($7::uuid IS NULL OR t.debit_account = $7)
               AND ($8::smallint IS NULL OR $8 = 0)
             ORDER BY t.credit_version DESC LIMIT $3)
        ) p ORDER BY p.version DESC LIMIT $3
        """;

    /// <summary>A transfer that <paramref name="memberId"/> sent or received, by the id that members know; else null.</summary>
    public async Task<TransferDetails?> GetAsync(Guid id, Guid memberId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(GetSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = memberId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new TransferDetails(
                ReadTransfer(reader, 0),
                reader.IsDBNull(ColumnCount) ? null : ReadTransfer(reader, ColumnCount),
                reader.GetGuid(2 * ColumnCount),
                reader.GetGuid(2 * ColumnCount + 1),
                (uint)reader.GetInt64(2 * ColumnCount + 2),
                (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(2 * ColumnCount + 3)
            )
            : null;
    }

    /// <summary>A page of an account's history, newest first. Whose account it is, the caller has checked.</summary>
    /// <returns>Null when too many histories are being read.</returns>
    public async Task<IReadOnlyList<HistoryItem>?> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        if (!await _histories.WaitAsync(HistoryWait, cancellationToken))
        {
            return null;
        }
        try
        {
            return await ReadHistoryAsync(query, cancellationToken);
        }
        finally
        {
            _histories.Release();
        }
    }

    public void Dispose() => _histories.Dispose();

    private async Task<List<HistoryItem>> ReadHistoryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(HistorySql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = query.AccountId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = query.BeforeVersion });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = query.Limit });
        command.Parameters.Add(Nullable(query.From, NpgsqlDbType.TimestampTz));
        command.Parameters.Add(Nullable(query.To, NpgsqlDbType.TimestampTz));
        command.Parameters.Add(Nullable(query.Incoming, NpgsqlDbType.Boolean));
        command.Parameters.Add(Nullable(query.Counterparty, NpgsqlDbType.Uuid));
        command.Parameters.Add(Nullable((short?)query.Status, NpgsqlDbType.Smallint));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<HistoryItem>(query.Limit);
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(ReadItem(reader));
        }
        return items;
    }

    private static NpgsqlParameter Nullable<T>(T? value, NpgsqlDbType type)
        where T : struct => new() { Value = value is { } present ? present : DBNull.Value, NpgsqlDbType = type };

    internal static HistoryItem ReadItem(NpgsqlDataReader row)
    {
        var kind = (TransferKind)row.GetInt16(1);
        return new HistoryItem(
            row.GetGuid(0),
            kind,
            TransferDetails.StatusOf(kind, row.IsDBNull(2) ? null : (TransferKind)row.GetInt16(2)),
            row.GetBoolean(3),
            row.GetGuid(4),
            row.GetGuid(5),
            row.GetInt64(6),
            (Currency)row.GetInt16(7),
            row.IsDBNull(8) ? null : row.GetString(8),
            row.GetDateTime(9),
            row.IsDBNull(10) ? null : row.GetDateTime(10),
            new SideAfter(row.GetInt64(11), row.GetInt64(12), row.GetInt64(13))
        );
    }

    /// <summary>Reads the columns of <see cref="Columns"/> from <paramref name="at"/> on.</summary>
    internal static Transfer ReadTransfer(NpgsqlDataReader row, int at) =>
        new()
        {
            Id = row.GetGuid(at),
            Kind = (TransferKind)row.GetInt16(at + 1),
            DebitAccount = row.GetGuid(at + 2),
            CreditAccount = row.GetGuid(at + 3),
            Link = row.IsDBNull(at + 4) ? null : row.GetGuid(at + 4),
            Amount = row.GetInt64(at + 5),
            Currency = (Currency)row.GetInt16(at + 6),
            Debit = new SideAfter(row.GetInt64(at + 7), row.GetInt64(at + 8), row.GetInt64(at + 9)),
            Credit = new SideAfter(row.GetInt64(at + 10), row.GetInt64(at + 11), row.GetInt64(at + 12)),
            CreatedAt = row.GetDateTime(at + 13),
            ExpiresAt = row.IsDBNull(at + 14) ? null : row.GetDateTime(at + 14),
            Memo = row.IsDBNull(at + 15) ? null : row.GetString(at + 15),
        };
}
