using Npgsql;
using QuickPay.Redis;
using QuickPay.Telemetry;
using StackExchange.Redis;

namespace QuickPay.Caches;

/// <summary>
/// Takes away what should have been replaced: an API server that dies between a commit and its write to the cache, or whose write is lost, leaves
/// an entry that those without a token would be shown until it expires. This looks at what was committed, whoever committed it.
/// </summary>
/// <remarks>
/// What is new since a look: batches whose transaction was not over then. Each is looked at for <see cref="LooksKept"/> looks, so that the write
/// of a slow reader, which may be on its way for a second and a half, is met, too.
/// </remarks>
public sealed class StaleBalances
{
    private const int LooksKept = 4;
    private const int KeysMax = 500;
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    // Ids are made a moment before the batch reads the clock, and that before it commits.
    internal const string LookSql = """
        WITH recent AS MATERIALIZED (
            SELECT id, created_at FROM ledger_batches WHERE xid >= $1::text::xid8 ORDER BY xid DESC LIMIT 5000
        ), bounds AS MATERIALIZED (
            SELECT uuid_v7_floor(min(created_at) - interval '2 s') AS first, uuid_v7_floor(max(created_at) + interval '2 s') AS last FROM recent
        ), changed AS MATERIALIZED (
            SELECT t.debit_account, t.debit_version, t.credit_account, t.credit_version
            FROM transfers t
            WHERE t.id >= (SELECT first FROM bounds) AND t.id < (SELECT last FROM bounds) AND t.batch_id IN (SELECT id FROM recent)
        )
        SELECT account, max(version) FROM (
            SELECT debit_account AS account, debit_version AS version FROM changed
            UNION ALL
            SELECT credit_account, credit_version FROM changed WHERE credit_version > 0
        ) sides GROUP BY account
        """;

    // Of a worker that has just begun to lead: what its predecessor may not have come to.
    private const string BeginSql = """
        SELECT coalesce(min(xid::text::bigint), pg_snapshot_xmin(pg_current_snapshot())::text::bigint) FROM (
            SELECT xid, created_at FROM ledger_batches ORDER BY id DESC LIMIT 5000
        ) last WHERE created_at > clock_timestamp() - interval '30 s'
        """;

    private const string HorizonSql = """
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint
        """;

    private readonly NpgsqlDataSource _dataSource;
    private readonly RedisConnection _redis;
    private readonly CacheEpoch _epoch;
    private readonly TimeProvider _time;
    private readonly Queue<long> _horizons = new();
    private long _lookedAt;

    internal StaleBalances(NpgsqlDataSource dataSource, RedisConnection redis, CacheEpoch epoch, TimeProvider time) =>
        (_dataSource, _redis, _epoch, _time) = (dataSource, redis, epoch, time);

    /// <returns>How many entries were older than what is committed.</returns>
    public async Task<int> DropAsync(CancellationToken cancellationToken)
    {
        // Others have looked meanwhile, or nobody.
        if (_time.GetElapsedTime(_lookedAt) > PauseMax)
        {
            _horizons.Clear();
        }
        await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
        // Before the look itself: what commits in between is looked at twice, not never.
        var (horizon, timeline) = await HorizonAsync(connection, cancellationToken);
        _epoch.Saw(timeline);
        if (_horizons.Count == 0)
        {
            _horizons.Enqueue(await BeginAsync(connection, cancellationToken));
        }
        var changed = await ChangedSinceAsync(connection, _horizons.Peek(), cancellationToken);
        var dropped = _epoch.Current is { } names && names.Timeline == timeline ? await DropOlderAsync(names, changed) : 0;
        _horizons.Enqueue(horizon);
        _lookedAt = _time.GetTimestamp();
        if (_horizons.Count > LooksKept)
        {
            _horizons.Dequeue();
        }
        return dropped;
    }

    private async Task<int> DropOlderAsync(CacheNames names, List<(Guid Account, long Version)> changed)
    {
        var dropped = 0;
        foreach (var some in changed.Chunk(KeysMax))
        {
            dropped += (int)
                await _redis.Database.ScriptEvaluateAsync(
                    CacheScripts.DropOlder,
                    [.. some.Select(one => names.Balance(one.Account))],
                    [.. some.Select(one => (RedisValue)one.Version)]
                );
        }
        CacheMetrics.Repaired.Add(dropped);
        return dropped;
    }

    private static async Task<(long Horizon, uint Timeline)> HorizonAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HorizonSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), (uint)reader.GetInt64(1));
    }

    private static async Task<long> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(BeginSql, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<List<(Guid Account, long Version)>> ChangedSinceAsync(
        NpgsqlConnection connection,
        long horizon,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(LookSql, connection);
        command.Parameters.Add(
            new NpgsqlParameter<string> { TypedValue = horizon.ToString(System.Globalization.CultureInfo.InvariantCulture) }
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(Guid, long)> changed = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            changed.Add((reader.GetGuid(0), reader.GetInt64(1)));
        }
        return changed;
    }
}
