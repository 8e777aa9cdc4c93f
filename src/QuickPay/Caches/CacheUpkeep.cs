using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using QuickPay.Postgres;
using QuickPay.Redis;
using QuickPay.Telemetry;

namespace QuickPay.Caches;

/// <summary>
/// Once a second: which timeline the primary is on, so that a server that was answered by the cache alone learns of a promotion, too; and how
/// full Redis is.
/// </summary>
internal sealed class CacheUpkeep(
    NpgsqlDataSource dataSource,
    RedisConnection redis,
    CacheEpoch epoch,
    CacheWriter writer,
    CacheOptions options,
    TimeProvider time,
    ILogger<CacheUpkeep> logger
) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private const string TimelineSql = "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        if (!options.Enabled)
        {
            return;
        }
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            do
            {
                try
                {
                    await Task.WhenAll(LookAtPrimaryAsync(stoppingToken), LookAtMemoryAsync());
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    // Whatever it is: a service that ends by an error would end the host.
                    LogMessages.CacheUpkeepFailed(logger, e);
                }
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task LookAtPrimaryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = dataSource.CreateCommand(TimelineSql);
            epoch.Saw((uint)(long)(await command.ExecuteScalarAsync(cancellationToken))!);
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            // No primary at the moment. The next look finds the next one.
        }
    }

    private async Task LookAtMemoryAsync()
    {
        try
        {
            // As a script: the client takes the command itself for an administrator's.
            var told = (string?)await redis.Database.ScriptEvaluateAsync("return redis.call('INFO', 'memory')") ?? "";
            var (used, max) = (Number(told, "\nused_memory:"), Number(told, "\nmaxmemory:"));
            var isFull = max > 0 && used > max / 100 * options.MemoryPercentMax;
            if (isFull && !writer.IsFull)
            {
                LogMessages.CacheFull(logger, options.MemoryPercentMax);
            }
            writer.IsFull = isFull;
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            // Then nothing is written to it either.
        }
    }

    private static long Number(string text, string name)
    {
        var at = text.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
        {
            return 0;
        }
        var rest = text.AsSpan(at + name.Length);
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        return long.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
