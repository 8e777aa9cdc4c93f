using Npgsql;
using NpgsqlTypes;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Postgres;
using QuickPay.Transfers;

namespace QuickPay.Statistics;

/// <summary>
/// Reads a member's month: what was summed up ahead (<see cref="AccountRollUp"/>) and, by the account's own index, every version above that.
/// One statement, so one snapshot: nothing is counted twice or left out in between.
/// </summary>
public sealed class MemberStatistics(ReadReplicas replicas)
{
    /// <summary>Counterparties of one account in one direction.</summary>
    public const int CounterpartiesMax = 20;

    internal static readonly string MonthSql = $"""
        WITH mine AS MATERIALIZED (
            SELECT a.id, a.currency, coalesce(s.through_version, 0) AS through
            FROM accounts a LEFT JOIN statistics_accounts s ON s.account_id = a.id
            WHERE a.owner_id = $1 AND a.kind = 1 ORDER BY a.created_at LIMIT 100
        ), live AS MATERIALIZED (
            SELECT m.id, t.incoming, t.kind, t.counterparty, count(*) AS transfers, sum(t.amount) AS amount
            FROM mine m CROSS JOIN LATERAL (
                SELECT false AS incoming, kind, credit_account AS counterparty, amount FROM transfers
                WHERE debit_account = m.id AND debit_version > m.through AND {StatisticsSql.MovesMoney} AND {StatisticsSql.CreatedIn(
            "$3",
            "$4"
        )}
                UNION ALL
                SELECT true, kind, debit_account, amount FROM transfers
                WHERE credit_account = m.id AND credit_version > m.through AND credit_version > 0
                  AND {StatisticsSql.MovesMoney} AND {StatisticsSql.CreatedIn("$3", "$4")}) t
            GROUP BY 1, 2, 3, 4
        ), kinds AS (
            SELECT id, incoming, kind, sum(transfers) AS transfers, sum(amount) AS amount
            FROM (SELECT id, incoming, kind, transfers, amount FROM live
                  UNION ALL
                  SELECT r.account_id, r.incoming, r.kind, r.transfers, r.amount
                  FROM mine m JOIN statistics_account_months r ON r.account_id = m.id AND r.month = $2) k
            GROUP BY 1, 2, 3
        ), recent AS (
            SELECT id, incoming, counterparty, sum(transfers) AS transfers, sum(amount) AS amount
            FROM live WHERE {StatisticsSql.BetweenMembers} GROUP BY 1, 2, 3
        ), candidates AS (
            -- Whoever is not recent has the sum that was made ahead: of those only the largest can be among the largest.
            SELECT id, incoming, counterparty FROM recent
            UNION
            SELECT m.id, d.incoming, top.counterparty
            FROM mine m CROSS JOIN (VALUES (false), (true)) d (incoming) CROSS JOIN LATERAL (
                SELECT c.counterparty FROM statistics_account_counterparties c
                WHERE c.account_id = m.id AND c.month = $2 AND c.incoming = d.incoming
                ORDER BY c.amount DESC, c.counterparty LIMIT {CounterpartiesMax}) top
        ), parties AS (
            -- Added, not joined: the one that is made here has no index, and one row for each counterparty.
            SELECT id, incoming, counterparty, sum(transfers) AS transfers, sum(amount) AS amount
            FROM (SELECT id, incoming, counterparty, transfers, amount FROM recent
                  UNION ALL
                  SELECT c.id, c.incoming, c.counterparty, p.transfers, p.amount
                  FROM candidates c JOIN statistics_account_counterparties p
                    ON p.account_id = c.id AND p.month = $2 AND p.incoming = c.incoming AND p.counterparty = c.counterparty) both_kinds
            GROUP BY id, incoming, counterparty
        ), ranked AS (
            SELECT *, row_number() OVER (PARTITION BY id, incoming ORDER BY amount DESC, counterparty) AS place FROM parties
        )
        SELECT 0 AS part, row_number() OVER () AS place, id, currency, NULL::boolean AS incoming, NULL::smallint AS kind, NULL::uuid AS counterparty,
               0::bigint AS transfers, 0::bigint AS amount
        FROM mine
        UNION ALL
        SELECT 1, kind, id, NULL, incoming, kind, NULL, transfers::bigint, {StatisticsSql.Sum("amount")} FROM kinds
        UNION ALL
        SELECT 2, place, id, NULL, incoming, NULL, counterparty, transfers::bigint, {StatisticsSql.Sum("amount")} FROM ranked
        WHERE place <= {CounterpartiesMax}
        ORDER BY part, place
        """;

    private const string AsOfSql = $"SELECT {LogPlace.AsOf}, {LogPlace.Timeline}";

    /// <param name="memberId">Whose accounts; there is no way to ask for an account of somebody else.</param>
    /// <param name="month">Any day of it.</param>
    /// <param name="atLeast">What it must not be behind: a replica that has it serves, else the primary.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when too many months are being read.</returns>
    public Task<MemberMonth?> ReadAsync(Guid memberId, DateOnly month, LogPosition atLeast, CancellationToken cancellationToken) =>
        replicas.ReadAsync(
            ReplicaRole.Statistics,
            atLeast,
            lease => ReadAsync(memberId, month, lease, CancellationToken.None),
            cancellationToken
        );

    private static async Task<MemberMonth?> ReadAsync(Guid memberId, DateOnly month, ReadLease lease, CancellationToken cancellationToken)
    {
        var first = new DateOnly(month.Year, month.Month, 1);
        await using var batch = new NpgsqlBatch(lease.Connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(AsOfSql));
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(MonthSql)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = memberId },
                    new NpgsqlParameter<DateOnly> { TypedValue = first },
                    Time(LedgerDay.StartOf(first)),
                    Time(LedgerDay.StartOf(first.AddMonths(1))),
                },
            }
        );
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var asOf = reader.GetDateTime(0);
        var timeline = reader.IsDBNull(1) ? lease.Timeline : (uint)reader.GetInt64(1);
        await reader.NextResultAsync(cancellationToken);
        return new MemberMonth(asOf, timeline, await ReadAccountsAsync(reader, cancellationToken));
    }

    private static async Task<List<AccountMonth>> ReadAccountsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var accounts = new List<(Guid Id, Currency Currency)>();
        var kinds = new List<((Guid Account, bool Incoming) Side, KindSum Sum)>();
        var parties = new List<((Guid Account, bool Incoming) Side, CounterpartySum Sum)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(2);
            switch (reader.GetInt32(0))
            {
                case 0:
                    accounts.Add((id, (Currency)reader.GetInt16(3)));
                    break;
                case 1:
                    kinds.Add(((id, reader.GetBoolean(4)), new((TransferKind)reader.GetInt16(5), reader.GetInt64(7), reader.GetInt64(8))));
                    break;
                default:
                    parties.Add(((id, reader.GetBoolean(4)), new(reader.GetGuid(6), reader.GetInt64(7), reader.GetInt64(8))));
                    break;
            }
        }
        return
        [
            .. accounts.Select(account => new AccountMonth(account.Id, account.Currency, Side(account.Id, true), Side(account.Id, false))),
        ];

        SideOfMonth Side(Guid account, bool incoming) =>
            new(
                [.. kinds.Where(row => row.Side == (account, incoming)).Select(row => row.Sum)],
                [.. parties.Where(row => row.Side == (account, incoming)).Select(row => row.Sum)]
            );
    }

    private static NpgsqlParameter<DateTime> Time(DateTime utc) => new() { TypedValue = utc, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
