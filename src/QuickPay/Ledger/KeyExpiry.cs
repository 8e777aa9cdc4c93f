using Npgsql;

namespace QuickPay.Ledger;

/// <summary>
/// Forgets idempotency keys, and stored refusals, that nobody can be retrying any more. Outcome ids carry their time, so the BRIN
/// index over them finds what is old without an index that every insert would have to pay for. Transfers themselves stay.
/// </summary>
public sealed class KeyExpiry(NpgsqlDataSource dataSource)
{
    /// <summary>The contract promises 30 days; this is more, so that a client back from a year abroad is still safe.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(400);
    private const int BatchMax = 5_000;

    private const string KeysSql = """
        DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM idempotency_keys WHERE outcome_id < uuid_v7_floor($1) LIMIT $2))
        """;
    private const string RefusalsSql = """
        DELETE FROM refusals WHERE id IN (SELECT id FROM refusals WHERE id < uuid_v7_floor($1) ORDER BY id LIMIT $2)
        """;

    /// <summary>Deletes in small transactions until nothing older than <paramref name="before"/> is left.</summary>
    /// <returns>How many keys were deleted.</returns>
    public async Task<long> DeleteOlderThanAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var keys = await DeleteAsync(KeysSql, before, cancellationToken);
        await DeleteAsync(RefusalsSql, before, cancellationToken);
        return keys;
    }

    private async Task<long> DeleteAsync(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        long deleted = 0;
        int batch;
        do
        {
            await using var command = dataSource.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BatchMax });
            command.CommandTimeout = 60;
            batch = await command.ExecuteNonQueryAsync(cancellationToken);
            deleted += batch;
        } while (batch == BatchMax);
        return deleted;
    }
}
