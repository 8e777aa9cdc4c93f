using System.Globalization;
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
/// What is new since a look: batches whose transaction was not over then. Each is looked at again for some
/// seconds, so that the write of a slow reader, which may be on its way for a second and a half, is met, too.
/// </remarks>
public sealed class StaleBalances
{
    private const int KeysMax = 500;
    private const int BatchesMax = 5_000;
    private static readonly TimeSpan LookedAtFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    // Ids are made before the batch waits for its locks, and those before it reads the clock. $2 batches at a time, the oldest first; the
    // first column says where to go on, in a row of its own when nothing was changed.
    internal const string LookSql = """
        WITH recent AS MATERIALIZED (
            SELECT id, created_at, xid::text::bigint AS xid FROM ledger_batches WHERE xid >= $1::text::xid8 ORDER BY ledger_batches.xid LIMIT $2
        ), bounds AS MATERIALIZED (
            SELECT uuid_v7_floor(min(created_at) - interval '10 s') AS first, uuid_v7_floor(max(created_at) + interval '2 s') AS last FROM recent
        ), changed AS MATERIALIZED (
            SELECT t.debit_account, t.debit_version, t.credit_account, t.credit_version
            FROM transfers t
            WHERE t.id >= (SELECT first FROM bounds) AND t.id < (SELECT last FROM bounds) AND t.batch_id IN (SELECT id FROM recent)
        )
        SELECT through, account, version
        FROM (SELECT CASE WHEN count(*) = $2 THEN max(xid) END AS through FROM recent) page
        LEFT JOIN (
            SELECT account, max(version) AS version FROM (
                SELECT debit_account AS account, debit_version AS version FROM changed
                UNION ALL
                SELECT credit_account, credit_version FROM changed WHERE credit_version > 0
            ) sides GROUP BY account
        ) newest ON true
        """;

    // Of a worker that has just begun to lead: what its predecessor may not have come to.
    private const string BeginSql = """
        SELECT coalesce(min(xid::text::bigint), pg_snapshot_xmin(pg_current_snapshot())::text::bigint) FROM (
            SELECT xid, created_at FROM ledger_batches ORDER BY id DESC LIMIT 100000
        ) last WHERE created_at > clock_timestamp() - $1
        """;

    private const string HorizonSql = """
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint
        """;

    private readonly NpgsqlDataSource _dataSource;
    private readonly RedisConnection _redis;
    private readonly CacheEpoch _epoch;
    private readonly TimeSpan _entriesLive;
    private readonly TimeProvider _time;
    private readonly Queue<(long Horizon, long At)> _looks = new();
    private uint _timeline;
    private long _lookedAt;

    internal StaleBalances(NpgsqlDataSource dataSource, RedisConnection redis, CacheEpoch epoch, CacheOptions options, TimeProvider time)
    {
        (_dataSource, _redis, _epoch, _time) = (dataSource, redis, epoch, time);
        _entriesLive = TimeSpan.FromSeconds(options.BalanceSeconds);
    }

    /// <returns>How many entries were older than what is committed.</returns>
    public async Task<int> DropAsync(CancellationToken cancellationToken)
    {
        // Others have looked meanwhile, or nobody. A look that fails counts: the next one goes on from where it began.
        if (_time.GetElapsedTime(_lookedAt) > PauseMax)
        {
            _looks.Clear();
        }
        _lookedAt = _time.GetTimestamp();
        await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
        // Before the look itself: what commits in between is looked at twice, not never.
        var (horizon, timeline) = await HorizonAsync(connection, cancellationToken);
        if (timeline < _timeline)
        {
            // It has been replaced, and does not know it.
            return 0;
        }
        if (timeline > _timeline)
        {
            // Transactions are numbered anew.
            _looks.Clear();
            _timeline = timeline;
            _epoch.Saw(timeline);
        }
        if (_looks.Count == 0)
        {
            _looks.Enqueue((Math.Min(horizon, await BeginAsync(connection, cancellationToken)), _lookedAt));
        }
        var dropped = 0;
        for (long? from = _looks.Peek().Horizon; from is { } next; )
        {
            (var changed, from) = await ChangedSinceAsync(connection, next, cancellationToken);
            if (_epoch.Current is { } names && names.Timeline == timeline)
            {
                dropped += await DropOlderAsync(names, changed);
            }
        }
        _looks.Enqueue((horizon, _lookedAt));
        // What ended before the second look of these was looked at for long enough.
        while (_looks.Count > 2 && _time.GetElapsedTime(_looks.ElementAt(1).At) >= LookedAtFor)
        {
            _looks.Dequeue();
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

    private async Task<long> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(BeginSql, connection);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = _entriesLive });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <returns>Accounts with the newest of their versions, and from which number on there may be more.</returns>
    private static async Task<(List<(Guid Account, long Version)> Changed, long? Next)> ChangedSinceAsync(
        NpgsqlConnection connection,
        long horizon,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(LookSql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = horizon.ToString(CultureInfo.InvariantCulture) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BatchesMax });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(Guid, long)> changed = [];
        long? through = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            through = reader.IsDBNull(0) ? null : reader.GetInt64(0);
            if (!reader.IsDBNull(1))
            {
                changed.Add((reader.GetGuid(1), reader.GetInt64(2)));
            }
        }
        return (changed, through + 1);
    }
}
