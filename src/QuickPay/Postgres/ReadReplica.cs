using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using QuickPay.Telemetry;

namespace QuickPay.Postgres;

/// <summary>One replica of one role: its pool, and whether it may be read from now.</summary>
internal sealed class ReadReplica : IDisposable
{
    private readonly ReplicaRole _role;
    private readonly string _host;
    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlDataSource _alone;
    private readonly SemaphoreSlim _places;
    private readonly TimeSpan _lagMax;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KeyValuePair<string, object?>[] _tags;
    private NpgsqlConnection? _asking;
    private uint _timeline;
    private ulong _lastLsn;
    private ulong? _doubtedAt;
    private bool _saidToBeUsed = true;
    private volatile State _state = State.Away;

    /// <param name="pool">Of as many connections as there are <paramref name="places"/>.</param>
    /// <param name="alone">For the look alone: reports that take every connection do not make a replica look dead.</param>
    public ReadReplica(
        ReplicaRole role,
        string host,
        NpgsqlDataSource pool,
        NpgsqlDataSource alone,
        int places,
        TimeSpan lagMax,
        TimeProvider time,
        ILogger logger
    )
    {
        (_role, _host, _pool, _alone, _lagMax, _time, _logger) = (role, host, pool, alone, lagMax, time, logger);
        _places = new SemaphoreSlim(places);
        _tags = [new("role", role.Word()), new("host", host)];
    }

    /// <summary>
    /// Whether it may be read from by who has seen <paramref name="atLeast"/>. A position on another timeline than the primary's says nothing
    /// about what is here.
    /// </summary>
    public bool MayServe(LogPosition atLeast, uint timeline) =>
        _state is { InStepAt: { } at } state
        && _time.GetElapsedTime(at) <= _lagMax
        && state.Timeline == timeline
        && (atLeast.Timeline == 0 || atLeast.Timeline == timeline);

    /// <summary>Waits for one of its places; who has got one gives it back, or reads and then does.</summary>
    public Task<bool> TakePlaceAsync(TimeSpan wait, CancellationToken cancellationToken) => _places.WaitAsync(wait, cancellationToken);

    /// <summary>A connection, once it has replayed what the caller has seen; null if it has not, or is not there.</summary>
    public async Task<NpgsqlConnection?> OpenAsync(ulong atLeast, CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await _pool.OpenConnectionAsync(cancellationToken);
            // Always asked, for a tenth of what a read costs: the last look was up to half a second ago, and a payment before this read is
            // mostly younger; and a connection of the pool may be to a server that is not there any more.
            if (await ReplayedAsync(connection, cancellationToken) >= atLeast)
            {
                return connection;
            }
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            // The next look finds out more; until then nobody else tries.
            _state = State.Away;
        }
        catch
        {
            // Who asked has gone. The pool has few, and misses each that is not given back.
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
            throw;
        }
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
        return null;
    }

    public void GivePlaceBack() => _places.Release();

    /// <summary>One look: what has it replayed, and how long ago was the primary there?</summary>
    /// <param name="log">With the look at the primary that came before this one.</param>
    /// <param name="primary">That look; null if the primary did not answer.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task LookAsync(PrimaryLog log, LogPosition? primary, CancellationToken cancellationToken)
    {
        Doubt(log.Timeline, primary);
        if (await AskAsync(cancellationToken) is { } lsn)
        {
            _doubtedAt = lsn == _doubtedAt ? lsn : null;
            _state = new State(log.Timeline, _doubtedAt is null ? log.LastSeenAt(lsn) : null);
            _lastLsn = lsn;
        }
        else
        {
            _state = State.Away;
        }
        PostgresMetrics.ReplicaLag.Record(_state.InStepAt is { } at ? (long)_time.GetElapsedTime(at).TotalMilliseconds : -1, _tags);
        var isUsed = MayServe(default, log.Timeline);
        if (isUsed != _saidToBeUsed)
        {
            _saidToBeUsed = isUsed;
            LogMessages.ReplicaChanged(_logger, _host, _role.Word(), isUsed ? "is read from" : "is not read from now");
        }
    }

    public void Dispose()
    {
        _asking?.Dispose();
        _alone.Dispose();
        _pool.Dispose();
        _places.Dispose();
    }

    /// <summary>
    /// After a failover a replica may hold log that the new primary does not have: it is of a history that was given up, and goes no further.
    /// So it is believed again when it moves. What is further than the primary is of such a history, too.
    /// </summary>
    private void Doubt(uint timeline, LogPosition? primary)
    {
        var isNewTimeline = _timeline != 0 && _timeline != timeline;
        _timeline = timeline;
        if (isNewTimeline || (primary is { } place && _lastLsn > place.Lsn))
        {
            _doubtedAt = _lastLsn;
        }
    }

    private async Task<ulong?> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            _asking ??= await _alone.OpenConnectionAsync(cancellationToken);
            return await ReplayedAsync(_asking, cancellationToken);
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e) || e is InvalidOperationException)
        {
            await ForgetAsync();
            // What lies in the pool went with the server, and would say so to the first who read from it when it is back.
            _pool.Clear();
            return null;
        }
    }

    /// <summary>Null for a server that replays nothing: it has become a primary.</summary>
    private static async Task<ulong?> ReplayedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END", connection);
        // One that is frozen is as good as none.
        command.CommandTimeout = 1;
        return await command.ExecuteScalarAsync(cancellationToken) is NpgsqlLogSequenceNumber lsn ? (ulong)lsn : null;
    }

    private async Task ForgetAsync()
    {
        if (_asking is { } connection)
        {
            _asking = null;
            await connection.DisposeAsync();
        }
    }

    /// <param name="Timeline">The primary's, when it was asked.</param>
    /// <param name="InStepAt">When the primary was there; null if it may not be read from.</param>
    private sealed record State(uint Timeline, long? InStepAt)
    {
        public static readonly State Away = new(0, null);
    }
}
