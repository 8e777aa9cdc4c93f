using Npgsql;
using NpgsqlTypes;
using QuickPay.Ledger;

namespace QuickPay.Statistics;

/// <summary>What one turn closed.</summary>
public readonly record struct RolledUp(int Hours, int Days);

/// <summary>
/// Sums up hours that are over, and days when all their hours are. An hour may be summed up when nothing can be added to it any more:
/// <code>
/// 1. look   the database's clock says that hour H ended five minutes ago; then a new transaction id F is taken
/// 2. wait   until every transaction with an id below F has ended: pg_snapshot_xmin(pg_current_snapshot()) >= F
/// 3. sum    each statement from now on sees all that will ever be in H
/// </code>
/// Why that is enough: a batch reads the clock that becomes its rows' <c>created_at</c> after it has inserted its keys, and so after it got its
/// transaction id. A row of H was stamped before step 1, so its transaction's id is below F. (F is an id of our own and not the
/// snapshot's xmax, which only says which was the last to end: one with a higher id may be under way.) Nothing is locked and nobody is
/// waited for: if a transaction is still under way, the next turn asks again.
/// <para>
/// The five minutes are for clocks: after a failover the new primary's may be behind the old one's. What a clock that was set back further
/// adds to an hour that was closed is missing there; docs/concepts/statistics.md says how an operator has a day summed up again.
/// </para>
/// An hour is written as a whole, in one transaction, so a turn may be killed anywhere and run again. Of two at once the later one meets the
/// row that is there and undoes all of its own: a day whose lists are gone is not made again from nothing. One that fails holds up no other,
/// and is left alone for longer each time (<see cref="Setbacks"/>); only its day waits for it.
/// </summary>
public sealed class HourRollUp(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>After so many movements in one hour an account's months are summed up ahead.</summary>
    public const int BusyMovements = 50;

    /// <summary>Places in a day's list of accounts.</summary>
    public const int PlacesMax = 100;

    /// <summary>More than other sweeps get: an hour that cannot be summed up in time would never be.</summary>
    private const int TimeoutSeconds = 300;

    private const string LookSql = "SELECT date_trunc('hour', clock_timestamp() - interval '5 minutes')";
    private const string FenceSql = "SELECT pg_current_xact_id()";
    private const string IsPastSql = "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1";

    // From the beginning of the first transfer's day on, so that every day has all of its hours.
    private const string MissingHoursSql = $"""
        SELECT h FROM generate_series(
            (SELECT date_trunc('day', created_at AT TIME ZONE {StatisticsSql.Zone}) AT TIME ZONE {StatisticsSql.Zone}
             FROM transfers ORDER BY id LIMIT 1), $1 - interval '1 hour', interval '1 hour') h
        WHERE NOT EXISTS (SELECT FROM statistics_hours s WHERE s.hour = h) ORDER BY h
        """;

    private const string CompleteDaysSql = $"""
        SELECT day FROM (
            SELECT (hour AT TIME ZONE {StatisticsSql.Zone})::date AS day FROM statistics_hours GROUP BY 1 HAVING count(*) = 24
            EXCEPT SELECT day FROM statistics_days) d ORDER BY day
        """;

    private static readonly string Hour = StatisticsSql.CreatedIn("$1", "($1 + interval '1 hour')");

    private static readonly string[] CloseHourSql =
    [
        "DELETE FROM statistics_hour_kinds WHERE hour = $1",
        "DELETE FROM statistics_hour_accounts WHERE hour = $1",
        $"""
            INSERT INTO statistics_hour_kinds (hour, kind, currency, transfers, amount)
            SELECT $1, kind, currency, count(*), {StatisticsSql.Sum("sum(amount)")} FROM transfers WHERE {Hour} GROUP BY kind, currency
            """,
        $"""
            INSERT INTO statistics_hour_accounts (hour, account_id, movements, transfers, amount)
            SELECT $1, s.account_id, s.movements, s.transfers, s.amount
            FROM (SELECT account_id, count(*) AS movements, count(*) FILTER (WHERE {StatisticsSql.BetweenMembers}) AS transfers,
                         {StatisticsSql.Sum($"coalesce(sum(amount) FILTER (WHERE {StatisticsSql.BetweenMembers}), 0)")} AS amount
                  FROM (SELECT debit_account AS account_id, kind, amount FROM transfers WHERE {StatisticsSql.MovesMoney} AND {Hour}
                        UNION ALL SELECT credit_account, kind, amount FROM transfers WHERE {StatisticsSql.MovesMoney} AND {Hour}) sides
                  GROUP BY account_id) s
            JOIN accounts a ON a.id = s.account_id AND a.kind = 1
            """,
        $"""
            INSERT INTO statistics_accounts (account_id, through_version)
            SELECT account_id, 0 FROM statistics_hour_accounts WHERE hour = $1 AND movements >= {BusyMovements} ON CONFLICT DO NOTHING
            """,
        $"""
            WITH seconds AS (SELECT date_trunc('second', created_at) AS at, count(*) AS postings FROM transfers WHERE {Hour} GROUP BY 1),
                 peak AS (SELECT at, postings FROM seconds ORDER BY postings DESC, at LIMIT 1)
            INSERT INTO statistics_hours (hour, postings, peak_postings, peak_at, active_members)
            SELECT $1, coalesce((SELECT sum(postings) FROM seconds), 0), coalesce((SELECT postings FROM peak), 0), (SELECT at FROM peak),
                   (SELECT count(DISTINCT a.owner_id) FROM statistics_hour_accounts h JOIN accounts a ON a.id = h.account_id WHERE h.hour = $1)
            """,
    ];

    private const string HoursOfDay =
        $"hour >= $1::timestamp AT TIME ZONE {StatisticsSql.Zone} AND hour < ($1 + 1)::timestamp AT TIME ZONE {StatisticsSql.Zone}";

    private static readonly string[] CloseDaySql =
    [
        "DELETE FROM statistics_day_accounts WHERE day = $1",
        $"""
            INSERT INTO statistics_days (day, active_members)
            SELECT $1, count(DISTINCT a.owner_id) FROM statistics_hour_accounts h JOIN accounts a ON a.id = h.account_id WHERE {HoursOfDay}
            """,
        $"""
            INSERT INTO statistics_day_accounts (day, currency, place, account_id, transfers, amount)
            SELECT $1, currency, place, account_id, transfers, amount
            FROM (SELECT s.*, a.currency, row_number() OVER (PARTITION BY a.currency ORDER BY s.amount DESC, s.account_id) AS place
                  FROM (SELECT account_id, sum(transfers)::bigint AS transfers, {StatisticsSql.Sum("sum(amount)")} AS amount
                        FROM statistics_hour_accounts WHERE {HoursOfDay} GROUP BY account_id) s
                  JOIN accounts a ON a.id = s.account_id WHERE s.transfers > 0) ranked
            WHERE place <= {PlacesMax}
            """,
        $"DELETE FROM statistics_hour_accounts WHERE {HoursOfDay}",
    ];

    private readonly Setbacks _setbacks = new(time);
    private (DateTime Until, ulong Fence)? _looked;

    /// <summary>Closes what can be closed now.</summary>
    /// <exception cref="AggregateException">Hours or days that could not be; the others are.</exception>
    public async Task<RolledUp> RunAsync(CancellationToken cancellationToken)
    {
        // A later look would only push the fence further away.
        _looked ??= await LookAsync(cancellationToken);
        if (!await IsPastAsync(_looked.Value.Fence, cancellationToken))
        {
            return default;
        }
        var until = _looked.Value.Until;
        _looked = null;
        return await CloseAsync(until, cancellationToken);
    }

    /// <summary>Closes the hours before a time, from which nothing can come any more, and the days that they complete.</summary>
    internal async Task<RolledUp> CloseAsync(DateTime until, CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        var (hours, days) = (0, 0);
        try
        {
            // A turn may have broken off between a day's last hour and the day.
            days = await CloseDaysAsync(failures, cancellationToken);
            var missing = await ListAsync<DateTime>(MissingHoursSql, Time(until), cancellationToken);
            // What failed before comes last, or it would keep new hours from their turn.
            foreach (var day in missing.GroupBy(LedgerDay.Of).OrderBy(day => day.Any(hour => _setbacks.Has(hour))))
            {
                if (failures.Count >= Setbacks.FailuresMax)
                {
                    break;
                }
                hours += await _setbacks.TryEachAsync(
                    day.OrderBy(hour => _setbacks.Has(hour)),
                    hour => RunTogetherAsync(CloseHourSql, () => Time(hour), cancellationToken),
                    failures,
                    cancellationToken
                );
                // At once: of a year that is still to be summed up, only one day's lists are there at a time.
                days += await CloseDaysAsync(failures, cancellationToken);
            }
        }
        catch (Exception e) when (failures.Count > 0 && !cancellationToken.IsCancellationRequested)
        {
            failures.Add(e);
        }
        return failures.Count == 0 ? new RolledUp(hours, days) : throw new AggregateException("Not all could be summed up.", failures);
    }

    private async Task<int> CloseDaysAsync(List<Exception> failures, CancellationToken cancellationToken) =>
        await _setbacks.TryEachAsync(
            await ListAsync<DateOnly>(CompleteDaysSql, null, cancellationToken),
            day => RunTogetherAsync(CloseDaySql, () => new NpgsqlParameter<DateOnly> { TypedValue = day }, cancellationToken),
            failures,
            cancellationToken
        );

    // The clock first: what is stamped before the hour's end has an id before the fence.
    private async Task<(DateTime Until, ulong Fence)> LookAsync(CancellationToken cancellationToken)
    {
        await using var look = dataSource.CreateCommand(LookSql);
        var until = (DateTime)(await look.ExecuteScalarAsync(cancellationToken))!;
        await using var fence = dataSource.CreateCommand(FenceSql);
        return (until, (ulong)(await fence.ExecuteScalarAsync(cancellationToken))!);
    }

    private async Task<bool> IsPastAsync(ulong fence, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(IsPastSql);
        command.Parameters.Add(new NpgsqlParameter<ulong> { TypedValue = fence, NpgsqlDbType = NpgsqlDbType.Xid8 });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<List<T>> ListAsync<T>(string sql, NpgsqlParameter? parameter, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        if (parameter is not null)
        {
            command.Parameters.Add(parameter);
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var list = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            list.Add(reader.GetFieldValue<T>(0));
        }
        return list;
    }

    /// <summary>One transaction, in which each statement has a snapshot of its own: none is older than its statement takes.</summary>
    private async Task RunTogetherAsync(string[] statements, Func<NpgsqlParameter> parameter, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.Timeout = TimeoutSeconds;
        foreach (var sql in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { parameter() } });
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter<DateTime> Time(DateTime utc) => new() { TypedValue = utc, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
