using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Caches;
using QuickPay.Ledger;
using QuickPay.Redis;
using QuickPay.Worker.Rates;
using QuickPay.Worker.Statistics;

namespace QuickPay.Worker;

/// <summary>How often each job runs.</summary>
public sealed class JobOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Jobs";

    /// <summary>Between two looks for holds whose time ran out.</summary>
    [Range(50, 60_000)]
    public int ExpireHoldsEveryMs { get; init; } = 1_000;

    /// <summary>Between two looks for months whose partitions are to be made, a year ahead.</summary>
    [Range(1, 1440)]
    public int MakeMonthsEveryMinutes { get; init; } = 60;

    /// <summary>Between two recomputations of every balance from the transfers.</summary>
    [Range(1, 1440)]
    public int ReconcileEveryMinutes { get; init; } = 60;

    /// <summary>Between two looks for cached balances that are older than what was committed.</summary>
    [Range(50, 60_000)]
    public int DropStaleBalancesEveryMs { get; init; } = 1_000;

    /// <summary>Between two turns that forget old idempotency keys; a day's turns together read the whole table.</summary>
    [Range(1, 1440)]
    public int ExpireKeysEveryMinutes { get; init; } = 60;

    /// <summary>Between two looks for hours that are over and can be summed up for statistics.</summary>
    [Range(1, 60)]
    public int RollUpStatisticsEveryMinutes { get; init; } = 1;
}

/// <summary>
/// The worker's jobs. The leader alone runs them, and yet any number of workers could at once: a key, a lock or a turn in the database says
/// whose work it is (<see cref="Leadership"/> tells when there are two leaders).
/// </summary>
public static class Jobs
{
    public static IServiceCollection AddJobs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<JobOptions>().Bind(configuration.GetSection(JobOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddLeadership();
        services.AddSingleton<HoldExpiry>();
        services.AddSingleton<Reconciliation>();
        services.AddHostedService<ExpireHolds>();
        services.AddHostedService<MakeMonths>();
        services.AddHostedService<Reconcile>();
        services.AddSingleton<KeyExpiry>();
        services.AddHostedService<ExpireKeys>();
        services.AddHostedService<DropStaleBalances>();
        services.AddRollUps();
        services.AddHostedService<RollUpStatistics>();
        return services.AddRates(configuration);
    }
}

/// <summary>
/// A job that runs as soon as this worker leads, and then again and again until it does not. A failure is logged and the next turn tries anew.
/// </summary>
internal abstract class Job(TimeSpan interval, Leadership leadership, TimeProvider time, ILogger logger) : BackgroundService
{
    protected ILogger Logger => logger;

    protected TimeProvider Time => time;

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host starts one service after the other; a job must not hold up the rest.
        await Task.Yield();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var term = await leadership.TermAsync(stoppingToken);
                using var leading = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, term);
                await RunWhileAsync(leading.Token);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <param name="cancellationToken">The turn stops where it is: this worker stops, or leads no more.</param>
    protected abstract Task RunOnceAsync(CancellationToken cancellationToken);

    private async Task RunWhileAsync(CancellationToken leading)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            do
            {
                try
                {
                    await RunOnceAsync(leading);
                }
                catch (Exception e) when (e is not OperationCanceledException || !leading.IsCancellationRequested)
                {
                    // Whatever it is: a job that ended for good would end the host, and the other jobs with it.
                    WorkerLog.JobFailed(logger, GetType().Name, e);
                }
            } while (await timer.WaitForNextTickAsync(leading));
        }
        catch (OperationCanceledException)
        {
            // Not leading any more.
        }
    }
}

/// <summary>Returns holds whose time ran out.</summary>
internal sealed class ExpireHolds(
    HoldExpiry expiry,
    IOptions<JobOptions> options,
    Leadership leadership,
    TimeProvider time,
    ILogger<ExpireHolds> logger
) : Job(TimeSpan.FromMilliseconds(options.Value.ExpireHoldsEveryMs), leadership, time, logger)
{
    protected override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        int expired;
        do
        {
            (var due, expired) = await expiry.ExpireDueAsync(cancellationToken);
            if (due > 0)
            {
                WorkerLog.HoldsExpired(Logger, expired, due);
            }
            // Go on at once while that gets anywhere.
        } while (expired > 0);
    }
}

/// <summary>Keeps the cache from showing for long what an API server committed and could not write there.</summary>
internal sealed class DropStaleBalances(
    StaleBalances stale,
    IOptions<JobOptions> options,
    IOptions<CacheOptions> caches,
    Leadership leadership,
    TimeProvider time,
    ILogger<DropStaleBalances> logger
) : Job(TimeSpan.FromMilliseconds(options.Value.DropStaleBalancesEveryMs), leadership, time, logger)
{
    protected override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!caches.Value.Enabled)
        {
            return;
        }
        try
        {
            if (await stale.DropAsync(cancellationToken) is > 0 and var dropped)
            {
                WorkerLog.StaleDropped(Logger, dropped);
            }
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            // The next look goes on from where this one began.
            WorkerLog.CacheNotLookedAt(Logger, e.Message);
        }
    }
}

/// <summary>Makes the months' partitions a year ahead, and says so loudly when they run short.</summary>
internal sealed class MakeMonths(
    NpgsqlDataSource dataSource,
    IOptions<JobOptions> options,
    Leadership leadership,
    TimeProvider time,
    ILogger<MakeMonths> logger
) : Job(TimeSpan.FromMinutes(options.Value.MakeMonthsEveryMinutes), leadership, time, logger)
{
    private const int MonthsAhead = 12;
    private const int MonthsAheadAlarm = 3;

    protected override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await using (var ready = dataSource.CreateCommand("SELECT transfer_months_ahead()"))
        {
            if ((int)(await ready.ExecuteScalarAsync(cancellationToken))! is < MonthsAheadAlarm and var ahead)
            {
                WorkerLog.MonthsRunShort(Logger, ahead);
            }
        }
        await using var make = dataSource.CreateCommand("SELECT make_transfer_months($1)");
        make.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MonthsAhead });
        if ((int)(await make.ExecuteScalarAsync(cancellationToken))! is > 0 and var made)
        {
            WorkerLog.MonthsMade(Logger, made);
        }
    }
}

/// <summary>Recomputes the books and writes down what it found.</summary>
internal sealed class Reconcile(
    Reconciliation reconciliation,
    NpgsqlDataSource dataSource,
    IOptions<JobOptions> options,
    Leadership leadership,
    TimeProvider time,
    ILogger<Reconcile> logger
) : Job(TimeSpan.FromMinutes(options.Value.ReconcileEveryMinutes), leadership, time, logger)
{
    protected override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var turn = await JobTurn.TryTakeAsync(dataSource, JobTurn.Reconcile, cancellationToken);
        if (turn is null)
        {
            return;
        }
        var started = Time.GetUtcNow();
        var report = await reconciliation.RunAsync(cancellationToken);
        await using var write = dataSource.CreateCommand(
            "INSERT INTO reconciliations (started_at, finished_at, accounts, discrepancies) VALUES ($1, $2, $3, $4)"
        );
        write.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = started });
        write.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = Time.GetUtcNow() });
        write.Parameters.Add(new NpgsqlParameter<long> { TypedValue = report.Accounts });
        write.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. report.Discrepancies] });
        await write.ExecuteNonQueryAsync(cancellationToken);
        if (report.Balances)
        {
            WorkerLog.BooksBalance(Logger, report.Accounts);
        }
        else
        {
            WorkerLog.BooksDoNotBalance(Logger, report.Discrepancies.Count, string.Join("; ", report.Discrepancies.Take(5)));
        }
    }
}

/// <summary>Forgets idempotency keys that are past their retention.</summary>
internal sealed class ExpireKeys(
    KeyExpiry expiry,
    NpgsqlDataSource dataSource,
    IOptions<JobOptions> options,
    Leadership leadership,
    TimeProvider time,
    ILogger<ExpireKeys> logger
) : Job(TimeSpan.FromMinutes(options.Value.ExpireKeysEveryMinutes), leadership, time, logger)
{
    private const int MinutesADay = 24 * 60;

    protected override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var turn = await JobTurn.TryTakeAsync(dataSource, JobTurn.ExpireKeys, cancellationToken);
        if (turn is null)
        {
            return;
        }
        // A day's turns read the whole table, each its part: which one, the time says, so nothing needs to be remembered.
        var slices = MinutesADay / options.Value.ExpireKeysEveryMinutes;
        var slice = (int)Time.GetUtcNow().TimeOfDay.TotalMinutes / options.Value.ExpireKeysEveryMinutes % slices;
        if (await expiry.DeleteOlderThanAsync(KeyExpiry.Retention, slice, slices, cancellationToken) is > 0 and var deleted)
        {
            WorkerLog.KeysExpired(Logger, deleted);
        }
    }
}
