using Npgsql;
using NpgsqlTypes;
using QuickPay.Money;
using QuickPay.Postgres;

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

/// <summary>A page, newest first.</summary>
/// <param name="Timeline">Of the server that was read.</param>
/// <param name="Lsn">Where its log stood, at or past everything that was read.</param>
/// <param name="Version">The account's when it was read: everything up to it is there.</param>
public sealed record HistoryPage(uint Timeline, ulong Lsn, long Version, IReadOnlyList<HistoryItem> Items);

/// <summary>
/// Reads transfers from the primary, and histories from a replica that is in step; in a second region both from the standby there.
/// </summary>
public sealed class TransferReader(NpgsqlDataSource dataSource, ReadReplicas replicas, StandbyWatch standby)
{
    private const string Columns = """
        {0}.id, {0}.kind, {0}.debit_account, {0}.credit_account, {0}.link, {0}.amount, {0}.currency,
        {0}.debit_balance, {0}.debit_held, {0}.debit_version, {0}.credit_balance, {0}.credit_held, {0}.credit_version,
        {0}.created_at, {0}.expires_at, {0}.memo
        """;
    private const int ColumnCount = 16;

    /// <summary>What <see cref="ReadTransfer"/> reads, in its order.</summary>
    internal static string ColumnsOf(string alias) => Columns.Replace("{0}", alias, StringComparison.Ordinal);

    internal static readonly string GetSql = WriteGet(
        "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint, pg_current_wal_lsn()"
    );

    private static readonly string StandbyGetSql = WriteGet($"{LogPlace.Timeline}, {LogPlace.Lsn}");

    private readonly string _getSql = standby.MayBe ? StandbyGetSql : GetSql;

    /// <summary>A transfer that <paramref name="memberId"/> sent or received, by the id that members know; else null.</summary>
    public async Task<TransferDetails?> GetAsync(Guid id, Guid memberId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(_getSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = memberId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new TransferDetails(
                ReadTransfer(reader, 0),
                reader.IsDBNull(ColumnCount) ? null : ReadTransfer(reader, ColumnCount),
                reader.GetGuid(2 * ColumnCount),
                reader.GetGuid(2 * ColumnCount + 1),
                reader.IsDBNull(2 * ColumnCount + 2) ? standby.Timeline : (uint)reader.GetInt64(2 * ColumnCount + 2),
                (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(2 * ColumnCount + 3)
            )
            : null;
    }

    /// <summary>A page of an account's history, newest first. Whose account it is, the caller has checked.</summary>
    /// <param name="query">Which page.</param>
    /// <param name="atLeast">What it must not be behind: a replica that has it serves, else the primary.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when too many histories are being read.</returns>
    public Task<HistoryPage?> HistoryAsync(HistoryQuery query, LogPosition atLeast, CancellationToken cancellationToken) =>
        replicas.ReadAsync(
            ReplicaRole.History,
            atLeast,
            lease => ReadHistoryAsync(query, lease, CancellationToken.None),
            cancellationToken
        );

    private static string WriteGet(string place) =>
        $"""
            SELECT {ColumnsOf("t")}, {ColumnsOf("c")},
                   debtor.owner_id, creditor.owner_id, {place}
            FROM transfers t
            JOIN accounts debtor ON debtor.id = t.debit_account
            JOIN accounts creditor ON creditor.id = t.credit_account
            LEFT JOIN transfers c ON t.kind = 5 AND c.link = t.id AND c.kind IN (6, 7, 8)
            WHERE t.id = $1 AND t.kind NOT IN (6, 7, 8) AND ($2 IN (debtor.owner_id, creditor.owner_id))
            """;

    private static async Task<HistoryPage?> ReadHistoryAsync(HistoryQuery query, ReadLease lease, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HistorySql.Of(query), lease.Connection);
        HistorySql.AddParameters(command, query);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<HistoryItem>(query.Limit);
        var (version, timeline, lsn) = (0L, lease.Timeline, 0UL);
        while (await reader.ReadAsync(cancellationToken))
        {
            version = reader.GetInt64(HistorySql.VersionAt);
            lsn = (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(HistorySql.LsnAt);
            // A replica cannot tell its own; which one it follows was seen to before it was asked.
            timeline = reader.IsDBNull(HistorySql.TimelineAt) ? lease.Timeline : (uint)reader.GetInt64(HistorySql.TimelineAt);
            // An account without anything to show has one row without an item.
            if (!reader.IsDBNull(0))
            {
                items.Add(ReadItem(reader));
            }
        }
        return new HistoryPage(timeline, lsn, version, items);
    }

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
