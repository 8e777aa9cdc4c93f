using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using QuickPay.Telemetry;
using StackExchange.Redis;

namespace QuickPay.Redis;

/// <summary>
/// Asks every sentinel again and again who is primary, each for itself: one that hangs holds up no other, and one that was cut off and
/// still names the old primary is outvoted by its epoch, the number of the promotion that it knows of.
/// </summary>
/// <remarks>
/// StackExchange.Redis has a way of its own (<c>serviceName=</c>). It throws at start when no sentinel answers, connects to replicas too
/// and chooses among them by what each says of itself, so that an old primary that wakes up can be chosen again, and blocks threads while it
/// reconfigures. We know better whom to believe.
/// </remarks>
internal sealed class Sentinels : IAsyncDisposable
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisOptions _options;
    private readonly ILoggerFactory? _loggers;
    private readonly ILogger _logger;
    private readonly Func<string, long, Task> _told;
    private readonly Task _asking;

    /// <param name="options">Where they are, and who we are there.</param>
    /// <param name="loggers">Hear of what should not happen.</param>
    /// <param name="told">Gets the address of the primary and the epoch; called by each sentinel's own loop.</param>
    public Sentinels(RedisOptions options, ILoggerFactory? loggers, Func<string, long, Task> told)
    {
        (_options, _loggers, _told) = (options, loggers, told);
        _logger = loggers?.CreateLogger<Sentinels>() ?? (ILogger)NullLogger.Instance;
        _asking = Task.WhenAll(RedisSettings.EndpointsIn(options).Select(endpoint => Task.Run(() => AskAsync(endpoint))));
    }

    private async Task AskAsync(string endpoint)
    {
        ConnectionMultiplexer? connection = null;
        var isKnown = false;
        using var timer = new PeriodicTimer(AskEvery, TimeProvider.System);
        try
        {
            do
            {
                try
                {
                    connection ??= await ConnectionMultiplexer.ConnectAsync(RedisSettings.ForSentinel(_options, endpoint, _loggers));
                    await AskOnceAsync(connection.GetServer(endpoint));
                    isKnown = false;
                }
                catch (Exception e) when (RedisConnection.IsUnavailable(e))
                {
                    // It does not answer, or the primary that it names does not: the next turn asks again, and the others are asked anyway.
                }
                catch (Exception e)
                {
                    // Whatever it is: without this question nobody would learn of the next primary.
                    // Said once, not twice a second.
                    if (!isKnown)
                    {
                        LogMessages.SentinelNotAsked(_logger, endpoint, e);
                        isKnown = true;
                    }
                }
            } while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private async Task AskOnceAsync(IServer sentinel)
    {
        var primary = await sentinel.SentinelGetMasterAddressByNameAsync(_options.SentinelService);
        var details = await sentinel.SentinelMasterAsync(_options.SentinelService);
        var epoch = details.FirstOrDefault(field => field.Key == "config-epoch").Value;
        if (primary is not null && long.TryParse(epoch, CultureInfo.InvariantCulture, out var number))
        {
            await _told($"{primary}", number);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _asking;
        _stopping.Dispose();
    }
}
