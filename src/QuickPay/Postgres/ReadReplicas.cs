using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using QuickPay.Telemetry;

namespace QuickPay.Postgres;

/// <summary>
/// Where to read what need not come from the primary. Every half second each replica is asked how far it has replayed, and is used while it
/// is within its role's bound:
/// <code>
///   in step, and has replayed what the caller has seen ──► replica
///   away, too far behind, of another history, without it ─► primary, a few reads at a time
///   no place there within a second ───────────────────────► null: overloaded
/// </code>
/// A replica of which every place is taken is none that is away: what waits for it is not moved to the primary.
/// </summary>
public sealed class ReadReplicas : BackgroundService, IPrimaryPools
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PlaceWait = TimeSpan.FromSeconds(1);
    private const int ConnectionsPerReplica = 4;
    private const int ShortReadSeconds = 5;
    private const int ReportSeconds = 60;
    private readonly NpgsqlDataSource _primary;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PrimaryLog _log;
    private readonly StandbyWatch? _standby;
    private readonly Dictionary<ReplicaRole, Reading> _roles;

    /// <param name="primary">The pool that everybody reads from; not disposed with this.</param>
    /// <param name="postgres">Database, role and authority.</param>
    /// <param name="options">Which replicas there are, and the role of statistics.</param>
    /// <param name="time">How often they are asked, and how old an answer is.</param>
    /// <param name="logger">Hears of replicas that go and come back.</param>
    /// <param name="standby">Whether what stands in the primary's place is a standby; null: never.</param>
    public ReadReplicas(
        NpgsqlDataSource primary,
        IOptions<PostgresOptions> postgres,
        IOptions<ReplicaOptions> options,
        TimeProvider time,
        ILogger<ReadReplicas> logger,
        StandbyWatch? standby = null
    )
    {
        (_primary, _time, _logger, _standby) = (primary, time, logger, standby);
        var replicas = options.Value;
        var statistics = postgres.Value.As(replicas.StatisticsUsername, replicas.StatisticsPassword);
        // Together no more of the primary's connections than leave some for log-ins, balances and readiness.
        _roles = new()
        {
            [ReplicaRole.History] = ByOwnRole(ReplicaRole.History, replicas.History, replicas.HistoryLagMaxMs, ShortReadSeconds, 4),
            [ReplicaRole.Reports] = ByOwnRole(ReplicaRole.Reports, replicas.Reports, replicas.ReportsLagMaxMs, ReportSeconds, 2),
            [ReplicaRole.Statistics] = ByStatistics(
                ReplicaRole.Statistics,
                replicas.Statistics,
                replicas.StatisticsLagMaxMs,
                byIndex: true
            ),
            [ReplicaRole.Totals] = ByStatistics(ReplicaRole.Totals, replicas.Reports, replicas.ReportsLagMaxMs, byIndex: false),
        };
        _log = new PrimaryLog(time, _roles.Values.Max(role => role.LagMax));

        Reading ByOwnRole(ReplicaRole role, string hosts, int lagMaxMs, int deadlineSeconds, int onPrimaryMax) =>
            ReadingOf(
                role,
                hosts,
                lagMaxMs,
                primary,
                onPrimaryMax,
                host => DataSources.ForReplica(postgres.Value, host, NameOf(role), ConnectionsPerReplica, deadlineSeconds)
            );

        Reading ByStatistics(ReplicaRole role, string hosts, int lagMaxMs, bool byIndex)
        {
            return ReadingOf(role, hosts, lagMaxMs, Pool(statistics.Hosts, 1), 1, host => Pool(host, ConnectionsPerReplica));

            NpgsqlDataSource Pool(string at, int connectionsMax) =>
                DataSources.ForStatistics(statistics, at, NameOf(role), connectionsMax, byIndex);
        }

        Reading ReadingOf(
            ReplicaRole role,
            string hosts,
            int lagMaxMs,
            NpgsqlDataSource onPrimary,
            int onPrimaryMax,
            Func<string, NpgsqlDataSource> pool
        )
        {
            var lagMax = TimeSpan.FromMilliseconds(lagMaxMs);
            return new Reading(
                lagMax,
                onPrimary,
                new SemaphoreSlim(onPrimaryMax),
                [
                    .. ReplicaOptions
                        .Split(hosts)
                        .Select(host => new ReadReplica(
                            role,
                            host,
                            pool(host),
                            DataSources.ForAsking(postgres.Value, host, "quickpay lag"),
                            ConnectionsPerReplica,
                            lagMax,
                            time,
                            logger
                        )),
                ]
            );
        }

        static string NameOf(ReplicaRole role) => $"quickpay {role.Word()}";
    }

    /// <inheritdoc />
    public IEnumerable<NpgsqlDataSource> ToPrimary => _roles.Values.Select(role => role.OnPrimary).Where(pool => pool != _primary);

    private IEnumerable<ReadReplica> Replicas => _roles.Values.SelectMany(role => role.Replicas);

    /// <summary>Reads from a replica; if that breaks off for a reason of its own, once more from the primary.</summary>
    /// <param name="role">What is read.</param>
    /// <param name="atLeast">What the reader has seen; the default: nothing.</param>
    /// <param name="read">
    /// One short read with a deadline, which may be done twice. It is not to be cancelled: that would end its session, and a new one costs more
    /// than the rest of the read.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for a place.</param>
    /// <returns>Null when too many read already.</returns>
    public async Task<T?> ReadAsync<T>(
        ReplicaRole role,
        LogPosition atLeast,
        Func<ReadLease, Task<T?>> read,
        CancellationToken cancellationToken
    )
        where T : class
    {
        await using (var lease = await OpenAsync(role, atLeast, cancellationToken))
        {
            if (lease is null)
            {
                return null;
            }
            try
            {
                return await read(lease);
            }
            catch (Exception e) when (!lease.IsPrimary && IsOfReplica(e))
            {
                LogMessages.ReplicaBrokeOff(_logger, role.Word(), e.Message);
            }
        }
        await using var primary = await OpenPrimaryAsync(role, cancellationToken);
        return primary is null ? null : await read(primary);
    }

    /// <summary>A connection to a replica, or to the primary.</summary>
    /// <param name="role">What is read.</param>
    /// <param name="atLeast">What the reader has seen; the default: nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when too many read already: the caller answers <c>overloaded</c>.</returns>
    public async ValueTask<ReadLease?> OpenAsync(ReplicaRole role, LogPosition atLeast, CancellationToken cancellationToken)
    {
        // The one that was decided by: a promotion that is seen meanwhile does not make what is read here its own.
        var timeline = _log.Timeline;
        foreach (var replica in _roles[role].Replicas.Where(replica => replica.MayServe(atLeast, timeline)))
        {
            if (!await replica.TakePlaceAsync(PlaceWait, cancellationToken))
            {
                Count(role, "refused");
                return null;
            }
            NpgsqlConnection? connection = null;
            try
            {
                connection = await replica.OpenAsync(atLeast.Lsn, cancellationToken);
            }
            finally
            {
                if (connection is null)
                {
                    replica.GivePlaceBack();
                }
            }
            if (connection is not null)
            {
                Count(role, "replica");
                return new ReadLease(connection, isPrimary: false, timeline, replica.GivePlaceBack);
            }
        }
        return await OpenPrimaryAsync(role, cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var role in _roles.Values)
        {
            role.PlacesOnPrimary.Dispose();
            if (role.OnPrimary != _primary)
            {
                role.OnPrimary.Dispose();
            }
            foreach (var replica in role.Replicas)
            {
                replica.Dispose();
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        if (!Replicas.Any())
        {
            return;
        }
        using var timer = new PeriodicTimer(AskEvery, _time);
        try
        {
            do
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    // Whatever it is: replicas that are not looked at are soon not used, and a look that ended would end the host.
                    LogMessages.ReplicasNotAsked(_logger, e);
                }
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: a question that breaks off now, however it does, is no failure of the host.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var at = _time.GetTimestamp();
        var primary = await AskPrimaryAsync(cancellationToken);
        if (primary is { } place && !_log.TryAdd(place, at))
        {
            // It has been replaced, and does not know it.
            primary = null;
        }
        await Task.WhenAll(Replicas.Select(replica => replica.LookAsync(_log, primary, cancellationToken)));
    }

    private async Task<LogPosition?> AskPrimaryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = _primary.CreateCommand(
                "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint, pg_current_wal_lsn()"
            );
            command.CommandTimeout = 1;
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new LogPosition((uint)reader.GetInt64(0), (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(1));
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            // Without the primary nobody knows how old a replica is: what it had when the primary was last seen grows old with that.
            return null;
        }
    }

    private async ValueTask<ReadLease?> OpenPrimaryAsync(ReplicaRole role, CancellationToken cancellationToken)
    {
        var (onPrimary, places) = (_roles[role].OnPrimary, _roles[role].PlacesOnPrimary);
        if (!await places.WaitAsync(PlaceWait, cancellationToken))
        {
            Count(role, "refused");
            return null;
        }
        try
        {
            var connection = await onPrimary.OpenConnectionAsync(cancellationToken);
            Count(role, "primary");
            var timeline = _standby is { IsStandby: true } ? _standby.Timeline : _log.Timeline;
            return new ReadLease(connection, isPrimary: true, timeline, () => places.Release());
        }
        catch
        {
            places.Release();
            throw;
        }
    }

    /// <summary>
    /// Replay that had to cancel the read, a server that went away, has no room or cannot read its disk. Not a read that took too long: it would take as
    /// long on the primary.
    /// </summary>
    internal static bool IsOfReplica(Exception e) =>
        e switch
        {
            PostgresException { SqlState: PgErrors.QueryCanceled } => false,
            PostgresException => PgErrors.Classify(e) is PgFailure.Contention or PgFailure.Resources or PgFailure.Connection,
            NpgsqlException broken => broken.InnerException is not TimeoutException,
            _ => e is IOException,
        };

    private static void Count(ReplicaRole role, string place) =>
        PostgresMetrics.Reads.Add(1, new("role", role.Word()), new("place", place));

    /// <param name="LagMax">How far behind its replicas may be.</param>
    /// <param name="OnPrimary">The pool for reads that no replica serves.</param>
    /// <param name="PlacesOnPrimary">How many of them at a time.</param>
    /// <param name="Replicas">The one to be used first in front.</param>
    private sealed record Reading(
        TimeSpan LagMax,
        NpgsqlDataSource OnPrimary,
        SemaphoreSlim PlacesOnPrimary,
        IReadOnlyList<ReadReplica> Replicas
    );
}
