using Npgsql;

namespace QuickPay.Statistics;

/// <summary>
/// Sums up ahead the months of accounts with many transfers, such as a shop's: version by version, each in exactly one transaction that also
/// notes how far it got. Whoever reads a month adds what has a higher version. A version is committed after the one before it, so what
/// was seen is complete, and no clock has a part in it.
/// </summary>
public sealed class AccountRollUp(NpgsqlDataSource dataSource, TimeProvider time)
{
    private readonly Setbacks _setbacks = new(time);

    /// <summary>Fewer new versions are left to those who read.</summary>
    public const int WorthIt = 500;

    /// <summary>Versions in one transaction.</summary>
    private const int VersionsMax = 10_000;
    private const int TimeoutSeconds = 60;

    private const string BehindSql = """
        SELECT s.account_id, b.version FROM statistics_accounts s JOIN balances b ON b.account_id = s.account_id
        WHERE b.version - s.through_version >= $1 ORDER BY s.account_id
        """;

    private const string LockSql = "SELECT through_version FROM statistics_accounts WHERE account_id = $1 FOR UPDATE";

    private static readonly string SumUpSql = $"""
        WITH touched AS MATERIALIZED (
            SELECT false AS incoming, kind, credit_account AS counterparty, amount, created_at, debit_version AS version
            FROM transfers WHERE debit_account = $1 AND debit_version > $2 AND debit_version <= $3
            UNION ALL
            SELECT true, kind, debit_account, amount, created_at, credit_version
            FROM transfers WHERE credit_account = $1 AND credit_version > $2 AND credit_version <= $3 AND credit_version > 0
        ), moved AS (
            SELECT date_trunc('month', created_at AT TIME ZONE {StatisticsSql.Zone})::date AS month, incoming, kind, counterparty, amount
            FROM touched WHERE {StatisticsSql.MovesMoney}
        ), months AS (
            INSERT INTO statistics_account_months AS m (account_id, month, incoming, kind, transfers, amount)
            SELECT $1, month, incoming, kind, count(*), {StatisticsSql.Sum("sum(amount)")} FROM moved GROUP BY month, incoming, kind
            ON CONFLICT (account_id, month, incoming, kind) DO UPDATE
            SET transfers = m.transfers + excluded.transfers, amount = {StatisticsSql.Sum("m.amount::numeric + excluded.amount")}
        ), parties AS (
            INSERT INTO statistics_account_counterparties AS c (account_id, month, incoming, counterparty, transfers, amount)
            SELECT $1, month, incoming, counterparty, count(*), {StatisticsSql.Sum("sum(amount)")}
            FROM moved WHERE {StatisticsSql.BetweenMembers} GROUP BY month, incoming, counterparty
            ON CONFLICT (account_id, month, incoming, counterparty) DO UPDATE
            SET transfers = c.transfers + excluded.transfers, amount = {StatisticsSql.Sum("c.amount::numeric + excluded.amount")}
        )
        UPDATE statistics_accounts SET through_version = (SELECT max(version) FROM touched)
        WHERE account_id = $1 AND EXISTS (SELECT FROM touched)
        """;

    /// <summary>Catches up with all accounts that are behind.</summary>
    /// <param name="worthIt">From how many new versions on.</param>
    /// <param name="cancellationToken">What was summed up until then stays so.</param>
    /// <returns>How many accounts were behind.</returns>
    /// <exception cref="AggregateException">Accounts that could not be; the others are.</exception>
    public async Task<int> RunAsync(int worthIt, CancellationToken cancellationToken)
    {
        var behind = new Dictionary<Guid, long>();
        await using (var command = dataSource.CreateCommand(BehindSql))
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = worthIt });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                behind.Add(reader.GetGuid(0), reader.GetInt64(1));
            }
        }
        var failures = new List<Exception>();
        await _setbacks.TryEachAsync(
            behind.Keys.OrderBy(account => _setbacks.Has(account)),
            async account =>
            {
                // As far as it was when this began: a busy one always has more.
                while (await AdvanceAsync(account, behind[account], cancellationToken)) { }
            },
            failures,
            cancellationToken
        );
        return failures.Count == 0 ? behind.Count : throw new AggregateException("Not all accounts could be summed up.", failures);
    }

    /// <returns>Whether there was anything to sum up.</returns>
    private async Task<bool> AdvanceAsync(Guid account, long version, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // First, and alone: the statement after it sees what another worker has summed up meanwhile.
        await using var take = new NpgsqlCommand(LockSql, connection, transaction);
        take.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
        var through = (long)(await take.ExecuteScalarAsync(cancellationToken))!;
        if (through >= version)
        {
            return false;
        }
        await using var sum = new NpgsqlCommand(SumUpSql, connection, transaction) { CommandTimeout = TimeoutSeconds };
        sum.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
        sum.Parameters.Add(new NpgsqlParameter<long> { TypedValue = through });
        sum.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Math.Min(through + VersionsMax, version) });
        var advanced = await sum.ExecuteNonQueryAsync(cancellationToken) > 0;
        await transaction.CommitAsync(cancellationToken);
        return advanced;
    }
}
