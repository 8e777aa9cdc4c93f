using System.Globalization;
using Microsoft.Extensions.Logging;
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
    private readonly Task _asking;

    /// <param name="told">Gets the address of the primary and the epoch; called by each sentinel's own loop.</param>
    public Sentinels(RedisOptions options, ILoggerFactory? loggers, Func<string, long, Task> told) =>
        _asking = Task.WhenAll(
            RedisSettings.EndpointsIn(options).Select(endpoint => Task.Run(() => AskAsync(options, endpoint, loggers, told)))
        );

    private async Task AskAsync(RedisOptions options, string endpoint, ILoggerFactory? loggers, Func<string, long, Task> told)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(RedisSettings.ForSentinel(options, endpoint, loggers));
        var sentinel = connection.GetServer(endpoint);
        using var timer = new PeriodicTimer(AskEvery, TimeProvider.System);
        try
        {
            do
            {
                await AskOnceAsync(sentinel, options.SentinelService, told);
            } while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }
    }

    private static async Task AskOnceAsync(IServer sentinel, string service, Func<string, long, Task> told)
    {
        try
        {
            var primary = await sentinel.SentinelGetMasterAddressByNameAsync(service);
            var details = await sentinel.SentinelMasterAsync(service);
            var epoch = details.FirstOrDefault(field => field.Key == "config-epoch").Value;
            if (primary is not null && long.TryParse(epoch, CultureInfo.InvariantCulture, out var number))
            {
                await told($"{primary}", number);
            }
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            // It does not answer, or the primary that it names does not: the next turn asks again, and the others are asked anyway.
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
