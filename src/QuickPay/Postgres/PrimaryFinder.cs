using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using QuickPay.Telemetry;

namespace QuickPay.Postgres;

/// <summary>
/// Tells the pools when another host has become primary. The driver remembers for a while what each host was, and finds out anew with a
/// member's request: one that has vanished from the network costs that request its time to connect, each time, and while there is no primary
/// every request knocks at every standby. So it is told to remember for long, and this asks instead, one question at a time.
/// </summary>
internal sealed class PrimaryFinder : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);
    private readonly IReadOnlyList<NpgsqlMultiHostDataSource> _pools;
    private readonly IReadOnlyList<NpgsqlDataSource> _hosts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private NpgsqlConnection? _primary;

    /// <param name="pools">Those that are told.</param>
    /// <param name="hosts">Each host alone, without a pool; disposed with this.</param>
    /// <param name="time">How often it asks.</param>
    /// <param name="logger">Hears of each change.</param>
    public PrimaryFinder(
        IReadOnlyList<NpgsqlMultiHostDataSource> pools,
        IReadOnlyList<NpgsqlDataSource> hosts,
        TimeProvider time,
        ILogger<PrimaryFinder> logger
    ) => (_pools, _hosts, _time, _logger) = (pools, hosts, time, logger);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        if (_hosts.Count < 2)
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
                    // Whatever it is: a finder that ended would end the host.
                    LogMessages.PrimaryNotSought(_logger, e);
                }
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: a question that breaks off now, however it does, is no failure of the host.
        }
        finally
        {
            await ForgetAsync();
            foreach (var host in _hosts)
            {
                await host.DisposeAsync();
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_primary is not null && await IsPrimaryAsync(_primary, cancellationToken))
        {
            // The driver may have given it up over a single connection that broke.
            await Task.WhenAll(_pools.Select(CheckAsync));
            return;
        }
        await ForgetAsync();
        if (await FindAsync(cancellationToken) is { } found)
        {
            _primary = found;
            LogMessages.PrimaryFound(_logger, $"{found.Host}:{found.Port}");
            foreach (var pool in _pools)
            {
                pool.ClearDatabaseStates();
            }
            await Task.WhenAll(_pools.Select(CheckAsync));
        }

        async Task CheckAsync(NpgsqlMultiHostDataSource pool)
        {
            if (await HasGivenUpAsync(pool, cancellationToken))
            {
                pool.ClearDatabaseStates();
            }
        }
    }

    /// <summary>Asks all at once; the first that says yes is it.</summary>
    private async Task<NpgsqlConnection?> FindAsync(CancellationToken cancellationToken)
    {
        var asked = await Task.WhenAll(_hosts.Select(AskAsync));
        var found = asked.FirstOrDefault(connection => connection is not null);
        foreach (var other in asked.Where(connection => connection is not null && connection != found))
        {
            await other!.DisposeAsync();
        }
        return found;

        async Task<NpgsqlConnection?> AskAsync(NpgsqlDataSource host)
        {
            NpgsqlConnection? connection = null;
            try
            {
                connection = await host.OpenConnectionAsync(cancellationToken);
                if (await IsPrimaryAsync(connection, cancellationToken))
                {
                    return connection;
                }
            }
            catch (Exception e) when (PgErrors.IsOfDatabase(e))
            {
                // Not there, or not now.
            }
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
            return null;
        }
    }

    private static async Task<bool> IsPrimaryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT NOT pg_is_in_recovery()", connection);
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e) || e is InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether a pool finds no primary. It is asked to the end: a host that has vanished is remembered as gone only by a question that waits its
    /// full time for it, and requests of members are often given up before.
    /// </summary>
    private static async Task<bool> HasGivenUpAsync(NpgsqlMultiHostDataSource pool, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await pool.OpenConnectionAsync(TargetSessionAttributes.Primary, cancellationToken);
            return false;
        }
        catch (NpgsqlException e) when (IsBusy(e))
        {
            return false;
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            return true;
        }
    }

    /// <summary>All of its connections are in use: then it has a primary. The driver has only words for it, around which it may put others.</summary>
    private static bool IsBusy(Exception e) =>
        e.Message.Contains("pool has been exhausted", StringComparison.Ordinal)
        || (e is AggregateException several && several.InnerExceptions.Any(IsBusy))
        || (e.InnerException is { } inner && IsBusy(inner));

    private async Task ForgetAsync()
    {
        if (_primary is { } connection)
        {
            _primary = null;
            await connection.DisposeAsync();
        }
    }
}
