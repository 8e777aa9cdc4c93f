using Npgsql;
using NpgsqlTypes;

namespace QuickPay.Ledger;

/// <summary>
/// Forgets idempotency keys, and stored refusals, that nobody can be retrying any more. Keys are found by reading the table from end to
/// end, a slice an hour: an index over their time would cost every insert, and all of it would be for rows that may wait another day.
/// Transfers themselves stay.
/// </summary>
public sealed class KeyExpiry(NpgsqlDataSource dataSource)
{
    /// <summary>The contract promises 30 days; this is more, so that a client back from a year abroad is still safe.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(400);

    /// <summary>No key goes before this, whatever is asked for: the contract.</summary>
    public static readonly TimeSpan RetentionMin = TimeSpan.FromDays(30);

    /// <summary>What one statement reads: 4 MB, some 50,000 keys.</summary>
    private const long PagesMax = 512;
    private const int RefusalsMax = 5_000;

    private const string PagesSql = "SELECT pg_relation_size('idempotency_keys') / current_setting('block_size')::int";

    // The database's clock, not ours: a worker whose clock runs a year ahead would forget keys that are still in use. In a query of its own:
    // it would be computed for every row otherwise, which takes longer than reading them.
    private const string KeysSql = """
        DELETE FROM idempotency_keys
        WHERE ctid >= $1 AND ctid < $2 AND outcome_id < (SELECT uuid_v7_floor(clock_timestamp() - $3))
        """;

    // A month after their keys, which go slice by slice: a key whose refusal is gone could not be answered.
    private const string RefusalsSql = """
        DELETE FROM refusals WHERE id IN (
            SELECT id FROM refusals WHERE id < (SELECT uuid_v7_floor(clock_timestamp() - $1 - interval '31 days')) ORDER BY id LIMIT $2)
        """;

    /// <summary>Deletes, in small transactions, what is older than <paramref name="age"/> in one of the table's slices.</summary>
    /// <param name="age">At least <see cref="RetentionMin"/>.</param>
    /// <param name="slice">Which part of the table, from 0; other workers may read the same one at the same time.</param>
    /// <param name="slices">In how many parts the table is read.</param>
    /// <param name="cancellationToken">What was deleted until then stays so.</param>
    /// <returns>How many keys were deleted.</returns>
    public async Task<long> DeleteOlderThanAsync(TimeSpan age, int slice, int slices, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, RetentionMin);
        var pages = await CountPagesAsync(cancellationToken);
        var end = pages * (slice + 1) / slices;
        long deleted = 0;
        for (var page = pages * slice / slices; page < end; page += PagesMax)
        {
            await using var command = dataSource.CreateCommand(KeysSql);
            command.Parameters.Add(Start(page));
            command.Parameters.Add(Start(Math.Min(page + PagesMax, end)));
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = age });
            command.CommandTimeout = 60;
            deleted += await command.ExecuteNonQueryAsync(cancellationToken);
        }
        await DeleteRefusalsAsync(age, cancellationToken);
        return deleted;
    }

    private async Task<long> CountPagesAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(PagesSql);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task DeleteRefusalsAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        int batch;
        do
        {
            await using var command = dataSource.CreateCommand(RefusalsSql);
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = age });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = RefusalsMax });
            command.CommandTimeout = 60;
            batch = await command.ExecuteNonQueryAsync(cancellationToken);
        } while (batch == RefusalsMax);
    }

    /// <summary>The place before a page's first row.</summary>
    private static NpgsqlParameter<NpgsqlTid> Start(long page) =>
        new() { TypedValue = new NpgsqlTid((uint)page, 0), NpgsqlDbType = NpgsqlDbType.Tid };
}
