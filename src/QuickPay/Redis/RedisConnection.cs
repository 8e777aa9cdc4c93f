using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using QuickPay.Telemetry;
using StackExchange.Redis;

namespace QuickPay.Redis;

/// <summary>
/// The server's one way to Redis: TLS against our own authority, ACL user, fails fast, reconnects by itself, and follows the sentinels to a
/// new primary. Redis is never the truth about money; whoever uses it must know what to do when it is away.
/// </summary>
public sealed class RedisConnection : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly ILoggerFactory? _loggers;
    private readonly ILogger _logger;
    private readonly Sentinels? _sentinels;
    private readonly SemaphoreSlim _switching = new(1, 1);
    private readonly TaskCompletionSource _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile RedisPrimary? _primary;
    private Task _closing = Task.CompletedTask;
    private string _address = "";
    private long _epoch;

    public RedisConnection(IOptions<RedisOptions> options, ILoggerFactory? loggers = null)
    {
        (_options, _loggers) = (options.Value, loggers);
        _logger = loggers?.CreateLogger<RedisConnection>() ?? (ILogger)NullLogger.Instance;
        if (_options.SentinelService.Length > 0)
        {
            _sentinels = new Sentinels(_options, loggers, FollowAsync);
        }
        else
        {
            _primary = RedisPrimary.Connect(_options, loggers);
            _found.SetResult();
        }
    }

    /// <summary>
    /// Commands; each may throw what <see cref="IsUnavailable"/> recognises, and so does this while no primary was found. Not to be kept:
    /// after a failover it is another one.
    /// </summary>
    public IDatabase Database => Primary.Commands;

    /// <summary>
    /// The number of the promotion that made the primary one; 0 without sentinels. What is not copied to replicas, and so may wait on a server
    /// from the last time when it was primary, carries it in its key.
    /// </summary>
    public long Promotion => Interlocked.Read(ref _epoch);

    private RedisPrimary Primary =>
        _primary
        ?? throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "No sentinel named a primary yet.");

    /// <summary>
    /// Runs a script whose change must outlive the primary: it is answered when <see cref="RedisOptions.ReplicasToAwait"/> replicas have it
    /// too. With fewer it throws what <see cref="IsUnavailable"/> recognises: the change may have been made, and may be lost again.
    /// </summary>
    public Task<RedisResult> ChangeAsync(string script, RedisKey[] keys, RedisValue[] values) => Primary.ChangeAsync(script, keys, values);

    /// <summary>Does Redis answer a PING in time? A server is ready without it: sessions seen lately are honoured from memory.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            await _found.Task.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(_options.TimeoutMs, 1_000)), TimeProvider.System);
            await Database.PingAsync();
            return true;
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            return false;
        }
    }

    /// <summary>What time it is for Redis; null when it does not tell.</summary>
    public async Task<DateTimeOffset?> TryReadClockAsync()
    {
        try
        {
            // Seconds, and microseconds of the second.
            var parts = (long[])(await Database.ExecuteAsync("TIME"))!;
            return DateTimeOffset.FromUnixTimeSeconds(parts[0]).AddMicroseconds(parts[1]);
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            return null;
        }
    }

    /// <summary>
    /// True for everything that means "Redis did not do it, or nobody knows": no connection, a timeout, a refusal by the server
    /// (loading, read-only after a failover, no replicas, out of memory). False for mistakes of our own.
    /// </summary>
    public static bool IsUnavailable(Exception e) => e is RedisException or TimeoutException or ObjectDisposedException;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_sentinels is not null)
        {
            await _sentinels.DisposeAsync();
        }

        await _closing;
        if (_primary is not null)
        {
            await _primary.DisposeAsync();
        }

        _switching.Dispose();
    }

    /// <summary>A sentinel named the primary: goes there if that is news, and if it is one already.</summary>
    private async Task FollowAsync(string address, long epoch)
    {
        await _switching.WaitAsync();
        try
        {
            if (epoch < _epoch)
            {
                return;
            }
            if (address == _address)
            {
                // There and back again: it is the same server, but others have been primary meanwhile.
                Interlocked.Exchange(ref _epoch, epoch);
                return;
            }

            var next = await RedisPrimary.ConnectAsync(_options, address, _loggers);
            if (!next.IsUsable)
            {
                // Not promoted yet, or gone again: the sentinels' next answer tells.
                await next.DisposeAsync();
                return;
            }

            var old = _primary;
            // The number first: what is read from the next one must not be taken for something of the one before.
            Interlocked.Exchange(ref _epoch, epoch);
            (_primary, _address) = (next, address);
            _found.TrySetResult();
            LogMessages.RedisPrimaryIs(_logger, address, epoch);
            if (old is not null)
            {
                _closing = Task.WhenAll(_closing, old.AbandonAsync());
            }
        }
        finally
        {
            _switching.Release();
        }
    }
}
