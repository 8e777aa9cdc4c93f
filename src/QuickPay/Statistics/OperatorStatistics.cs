using Npgsql;
using NpgsqlTypes;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Postgres;
using QuickPay.Transfers;

namespace QuickPay.Statistics;

/// <summary>Reads what <see cref="HourRollUp"/> has summed up, and nothing else: no question here looks at a transfer.</summary>
public sealed class OperatorStatistics(ReadReplicas replicas)
{
    /// <summary>The longest range: a year.</summary>
    public const int DaysMax = 366;

    /// <summary>Longer ranges come by day only.</summary>
    public const int DaysWithHoursMax = 31;

    /// <summary>Accounts of one currency.</summary>
    public const int TopAccountsMax = 20;

    // Up to the first hour that is not summed up, though later ones may be: a sum over a gap would say less than there was, and not say so. Nor
    // does it begin after one: the first hour of all is that in which the day of the first transfer begins.
    private const string UntilSql = $"""
        SELECT min(hour) + interval '1 hour'
        FROM (SELECT hour, lead(hour) OVER (ORDER BY hour) AS next FROM statistics_hours WHERE hour >= $1 AND hour < $2) h
        WHERE next IS DISTINCT FROM hour + interval '1 hour'
          AND (SELECT min(hour) FROM statistics_hours WHERE hour >= $1 AND hour < $2) <= greatest($1,
              (SELECT date_trunc('day', created_at AT TIME ZONE {StatisticsSql.Zone}) AT TIME ZONE {StatisticsSql.Zone} FROM transfers ORDER BY id LIMIT 1))
        """;

    private const string HoursSql = """
        SELECT hour, postings, peak_postings, peak_at, active_members FROM statistics_hours WHERE hour >= $1 AND hour < $2 ORDER BY hour
        """;

    private const string HourVolumesSql = $"""
        SELECT hour, kind, currency, transfers, amount FROM statistics_hour_kinds
        WHERE hour >= $1 AND hour < $2 AND {StatisticsSql.MovesMoney} ORDER BY hour, kind, currency
        """;

    private const string DaysSql = $"""
        SELECT h.day, h.postings, h.peak_postings, h.peak_at, d.active_members, h.hours
        FROM (SELECT (hour AT TIME ZONE {StatisticsSql.Zone})::date AS day, sum(postings)::bigint AS postings, max(peak_postings) AS peak_postings, count(*)::integer AS hours,
                     (array_agg(peak_at ORDER BY peak_postings DESC, hour))[1] AS peak_at
              FROM statistics_hours WHERE hour >= $1 AND hour < $2 GROUP BY 1) h
        LEFT JOIN statistics_days d ON d.day = h.day ORDER BY h.day
        """;

    private static readonly string DayVolumesSql = $"""
        SELECT (hour AT TIME ZONE {StatisticsSql.Zone})::date AS day, kind, currency, sum(transfers)::bigint, {StatisticsSql.Sum(
            "sum(amount)"
        )}
        FROM statistics_hour_kinds WHERE hour >= $1 AND hour < $2 AND {StatisticsSql.MovesMoney} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """;

    private static readonly string TopSql = $"""
        SELECT account_id, currency, transfers, amount
        FROM (SELECT *, row_number() OVER (PARTITION BY currency ORDER BY amount DESC, account_id) AS place
              FROM (SELECT account_id, currency, sum(transfers)::bigint AS transfers, {StatisticsSql.Sum("sum(amount)")} AS amount
                    FROM statistics_day_accounts WHERE day >= $1 AND day < $2 GROUP BY account_id, currency) s) ranked
        WHERE place <= {TopAccountsMax} ORDER BY currency, place
        """;

    /// <param name="from">Inclusive; a day of Asia/Seoul.</param>
    /// <param name="to">Exclusive.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when too many such questions are being answered.</returns>
    public Task<OperatorReport?> ReadAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken) =>
        // Whatever a replica in step has: how much of the range that is, the report says itself.
        replicas.ReadAsync(
            ReplicaRole.Totals,
            default,
            lease => ReadAsync(from, to, lease.Connection, CancellationToken.None),
            cancellationToken
        );

    private static async Task<OperatorReport?> ReadAsync(
        DateOnly from,
        DateOnly to,
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        var start = LedgerDay.StartOf(from);
        // First: what is closed while this goes on is in none of the answers.
        await using var last = new NpgsqlCommand(UntilSql, connection) { Parameters = { Time(start), Time(LedgerDay.StartOf(to)) } };
        if (await last.ExecuteScalarAsync(cancellationToken) is not DateTime until)
        {
            return new OperatorReport(null, [], [], []);
        }
        var withHours = to.DayNumber - from.DayNumber <= DaysWithHoursMax;
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (string[])[DayVolumesSql, DaysSql, .. withHours ? [HourVolumesSql, HoursSql] : Array.Empty<string>()])
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { Time(start), Time(until) } });
        }
        batch.BatchCommands.Add(new NpgsqlBatchCommand(TopSql) { Parameters = { Day(from), Day(LedgerDay.Of(until)) } });

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var dayVolumes = await ReadVolumesAsync<DateOnly>(reader, cancellationToken);
        var days = await ReadAllAsync(
            reader,
            row => new DaySum(
                row.GetFieldValue<DateOnly>(0),
                LoadOf(row),
                row.GetInt32(5),
                row.IsDBNull(4) ? null : row.GetInt32(4),
                [.. dayVolumes[row.GetFieldValue<DateOnly>(0)]]
            ),
            cancellationToken
        );
        List<HourSum> hours = [];
        if (withHours)
        {
            var hourVolumes = await ReadVolumesAsync<DateTime>(reader, cancellationToken);
            hours = await ReadAllAsync(
                reader,
                row => new HourSum(row.GetDateTime(0), LoadOf(row), row.GetInt32(4), [.. hourVolumes[row.GetDateTime(0)]]),
                cancellationToken
            );
        }
        var top = await ReadAllAsync(
            reader,
            row => new TopAccount(row.GetGuid(0), (Currency)row.GetInt16(1), row.GetInt64(2), row.GetInt64(3)),
            cancellationToken
        );
        return new OperatorReport(until, days, hours, top);
    }

    private static Load LoadOf(NpgsqlDataReader row) => new(row.GetInt64(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetDateTime(3));

    private static async Task<ILookup<T, VolumeSum>> ReadVolumesAsync<T>(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = await ReadAllAsync(
            reader,
            row =>
                (
                    When: row.GetFieldValue<T>(0),
                    Volume: new VolumeSum((TransferKind)row.GetInt16(1), (Currency)row.GetInt16(2), row.GetInt64(3), row.GetInt64(4))
                ),
            cancellationToken
        );
        return rows.ToLookup(row => row.When, row => row.Volume);
    }

    /// <summary>The rows of one answer, and on to the next.</summary>
    private static async Task<List<T>> ReadAllAsync<T>(
        NpgsqlDataReader reader,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }
        await reader.NextResultAsync(cancellationToken);
        return rows;
    }

    private static NpgsqlParameter<DateTime> Time(DateTime utc) => new() { TypedValue = utc, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static NpgsqlParameter<DateOnly> Day(DateOnly day) => new() { TypedValue = day };
}
