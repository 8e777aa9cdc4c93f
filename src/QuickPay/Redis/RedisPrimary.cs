using Microsoft.Extensions.Logging;
using QuickPay.Telemetry;
using StackExchange.Redis;

namespace QuickPay.Redis;

/// <summary>
/// Our connections to one primary: one for commands, and one for changes that wait for replicas. WAIT blocks the connection it comes on,
/// and counts for the changes made on that connection; session checks must not stand behind it.
/// </summary>
internal sealed class RedisPrimary : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _commands;
    private readonly ConnectionMultiplexer _changes;
    private readonly int _replicas;
    private readonly int _patienceMs;

    private RedisPrimary(ConnectionMultiplexer commands, ConnectionMultiplexer changes, RedisOptions options)
    {
        (_commands, _changes, _replicas, _patienceMs) = (commands, changes, options.ReplicasToAwait, options.TimeoutMs);
        Commands = commands.GetDatabase();
    }

    public IDatabase Commands { get; }

    /// <summary>Connected, to one that takes writes.</summary>
    public bool IsUsable => IsPrimary(_commands) && IsPrimary(_changes);

    public static RedisPrimary Connect(RedisOptions options, ILoggerFactory? loggers)
    {
        var endpoints = RedisSettings.EndpointsIn(options);
        var commands = ConnectionMultiplexer.Connect(RedisSettings.For(options, endpoints, options.TimeoutMs, loggers));
        var changes =
            options.ReplicasToAwait == 0
                ? commands
                : ConnectionMultiplexer.Connect(RedisSettings.For(options, endpoints, ChangeTimeoutMs(options), loggers));
        return new RedisPrimary(commands, changes, options);
    }

    public static async Task<RedisPrimary> ConnectAsync(RedisOptions options, string address, ILoggerFactory? loggers)
    {
        var commands = OpenAsync(options.TimeoutMs);
        var changes = options.ReplicasToAwait == 0 ? commands : OpenAsync(ChangeTimeoutMs(options));
        return new RedisPrimary(await commands, await changes, options);

        Task<ConnectionMultiplexer> OpenAsync(int timeoutMs)
        {
            var settings = RedisSettings.For(options, [address], timeoutMs, loggers);
            // Who asked for this address asks again, and may hear of another one by then.
            settings.ConnectRetry = 1;
            return ConnectionMultiplexer.ConnectAsync(settings);
        }
    }

    /// <summary>Runs a script and answers when enough replicas have what it changed, too.</summary>
    public async Task<RedisResult> ChangeAsync(string script, RedisKey[] keys, RedisValue[] values)
    {
        var database = _changes.GetDatabase();
        var socket = Socket();
        var answer = await database.ScriptEvaluateAsync(script, keys, values);
        if (_replicas == 0)
        {
            return answer;
        }

        // Everything on this connection is changes, so those that came meanwhile share the round trip: the first WAIT blocks, the others
        // are answered with it.
        var copies = (int)await database.ExecuteAsync("WAIT", _replicas, _patienceMs);
        // A new connection has changed nothing: every replica has that.
        if (copies < _replicas || Socket() != socket)
        {
            RedisMetrics.Unreplicated.Add(1);
            throw new TimeoutException("Redis changed it, but too few replicas said in time that they have it.");
        }

        return answer;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await CloseAsync(answersToCome: true);

    /// <summary>It is the primary no more. Who still waits for its answers, perhaps from one that hangs, is told at once.</summary>
    public Task AbandonAsync() => CloseAsync(answersToCome: false);

    private async Task CloseAsync(bool answersToCome)
    {
        await _commands.CloseAsync(answersToCome);
        await _changes.CloseAsync(answersToCome);
        await _commands.DisposeAsync();
        await _changes.DisposeAsync();
    }

    // WAIT's own patience must be over first.
    private static int ChangeTimeoutMs(RedisOptions options) => 2 * options.TimeoutMs;

    private static bool IsPrimary(ConnectionMultiplexer connection) =>
        connection.GetServer(connection.GetEndPoints()[0]) is { IsConnected: true, IsReplica: false };

    /// <summary>Which one it is of those that this connection had.</summary>
    private long Socket() => _changes.GetCounters().Interactive.SocketCount;
}
