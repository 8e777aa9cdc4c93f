using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Telemetry;

namespace QuickPay.Postgres;

/// <summary>
/// Whether the database of this host takes writes yet. A host in a second region stands beside a standby (<see cref="PostgresOptions.MayBeStandby"/>):
/// it serves reads as of what has been replayed, and everything from the moment that the standby is promoted. Elsewhere there is a primary or
/// nobody, and this asks nothing.
/// </summary>
public sealed class StandbyWatch : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    private const string RecoverySql = "SELECT pg_is_in_recovery()";

    // Of the last checkpoint that it has replayed: at worst older than the log that it replays, and whoever has seen a newer one is then turned away.
    // By itself: a managed database may keep this to its owners, and a promotion has to be heard there too.
    private const string TimelineSql = "SELECT timeline_id::bigint FROM pg_control_checkpoint()";

    private readonly NpgsqlDataSource _dataSource;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // Until it has said otherwise it is believed to be one: then nothing is begun that could not be ended.
    private volatile Standing? _standing = new(0);

    /// <param name="dataSource">The pool that everybody reads from.</param>
    /// <param name="options">Whether there is anything to ask.</param>
    /// <param name="time">How often it asks.</param>
    /// <param name="logger">Hears of a promotion.</param>
    public StandbyWatch(NpgsqlDataSource dataSource, IOptions<PostgresOptions> options, TimeProvider time, ILogger<StandbyWatch> logger) =>
        (_dataSource, MayBe, _time, _logger) = (dataSource, options.Value.MayBeStandby, time, logger);

    /// <summary>Whether this host serves beside a standby at all.</summary>
    public bool MayBe { get; }

    /// <summary>Whether it does now.</summary>
    public bool IsStandby => MayBe && _standing is not null;

    /// <summary>The timeline that is replayed; 0 when <see cref="IsStandby"/> is false, or nothing has been heard yet.</summary>
    public uint Timeline => MayBe && _standing is { } standing ? standing.Timeline : 0;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        if (!MayBe)
        {
            return;
        }
        using var timer = new PeriodicTimer(AskEvery, _time);
        try
        {
            do
            {
                await AskAsync(stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await AskAsync<bool>(RecoverySql, cancellationToken))
            {
                Heard(null);
                return;
            }
            // Before its timeline is known: a server that does not learn it serves those who ask for no place in the log.
            Heard(_standing ?? new Standing(0));
            Heard(new Standing((uint)await AskAsync<long>(TimelineSql, cancellationToken)));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // What it was is what it is, until it answers again; and a watch that ended would end the host.
            LogMessages.StandbyNotAsked(_logger, e.Message);
        }
    }

    private void Heard(Standing? now)
    {
        if ((now is null) != (_standing is null))
        {
            LogMessages.StandbyChanged(_logger, now is null ? "a primary: everything is served" : "a standby: reads are served");
        }
        _standing = now;
    }

    private async Task<T> AskAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = _dataSource.CreateCommand(sql);
        command.CommandTimeout = 1;
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private sealed record Standing(uint Timeline);
}
