using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace QuickPay.Rates;

/// <summary>The last rates that were believed, as members get to see them.</summary>
/// <param name="Source">Which source said them.</param>
/// <param name="Day">What it said.</param>
/// <param name="IsStale">The source has been silent or unbelievable for too long, or its day is too long ago.</param>
public sealed record PublishedRates(string Source, DailyRates Day, bool IsStale);

/// <summary>Exchange rates in the database: one row for each day of a source, all of them by the database's clock.</summary>
public sealed class RateStore(NpgsqlDataSource dataSource)
{
    // The ECB is silent between Maundy Thursday and the Tuesday after Easter: its day is then five days ago.
    private const string Columns = """
        source, as_of, base, rates::text,
        clock_timestamp() > fresh_until OR (clock_timestamp() AT TIME ZONE 'UTC')::date - as_of > 5
        """;

    private const string NewestLookSql = $"""
        SELECT {Columns} FROM exchange_rates
        WHERE source = (SELECT source FROM exchange_rates ORDER BY fetched_at DESC LIMIT 1) ORDER BY as_of DESC LIMIT 1
        """;

    private const string LastDaySql = $"SELECT {Columns} FROM exchange_rates WHERE source = $1 ORDER BY as_of DESC LIMIT 1";

    // No older day beside a newer one. Should two workers lead for a moment, one may slip in; it is never read, since a newer one is there.
    private const string KeepSql = """
        INSERT INTO exchange_rates (source, as_of, base, rates, fetched_at, fresh_until)
        SELECT $1, $2, $3, $4, clock_timestamp(), clock_timestamp() + $5
        WHERE NOT EXISTS (SELECT FROM exchange_rates WHERE source = $1 AND as_of > $2)
        ON CONFLICT (source, as_of) DO UPDATE
        SET rates = excluded.rates, fetched_at = excluded.fetched_at, fresh_until = excluded.fresh_until
        """;

    /// <summary>From the source that was looked at last; null before the first good look.</summary>
    public async Task<PublishedRates?> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(NewestLookSql);
        return await ReadOneAsync(command, cancellationToken);
    }

    /// <summary>The last day of one source; null before its first good look.</summary>
    public async Task<DailyRates?> LastOfAsync(string source, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(LastDaySql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        return (await ReadOneAsync(command, cancellationToken))?.Day;
    }

    /// <summary>Keeps a good look: its rates, and that they are fresh from now on.</summary>
    /// <param name="source">Which source said them.</param>
    /// <param name="day">What it said; the same day again is a correction, or the same rates.</param>
    /// <param name="freshFor">After so long without another good look they are stale.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task KeepAsync(string source, DailyRates day, TimeSpan freshFor, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(KeepSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day.AsOf });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = day.Base });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Write(day.Rates), NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = freshFor });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<PublishedRates?> ReadOneAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new PublishedRates(
                reader.GetString(0),
                new DailyRates(reader.GetFieldValue<DateOnly>(1), reader.GetString(2), Read(reader.GetString(3))),
                reader.GetBoolean(4)
            )
            : null;
    }

    private static string Write(IReadOnlyDictionary<string, decimal> rates) => JsonSerializer.Serialize(rates);

    private static SortedDictionary<string, decimal> Read(string json) =>
        new(JsonSerializer.Deserialize<Dictionary<string, decimal>>(json)!, StringComparer.Ordinal);
}
