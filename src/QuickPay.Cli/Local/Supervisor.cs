using System.Collections.Concurrent;

namespace QuickPay.Cli.Local;

/// <summary>
/// Keeps servers running: one that ends by itself is started again, at once the first time, then less and less often while it keeps ending.
/// Says each time what happened.
/// </summary>
internal sealed class Supervisor(Action<ILocalServer> started, Action<string> say, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // Having run this long, it counts as well again.
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _watches = [];

    // Each completes when its server is let go. It stays until the watch has seen it: the end of a process is known to others before.
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = [];

    /// <summary>Takes over a server that has just started.</summary>
    public void Watch(ILocalServer server) => _watches.Add(WatchAsync(server));

    /// <summary>
    /// From here on a server that ends stays ended, as a machine that is lost does, until it is let go; so does one that has ended already
    /// and is just being started again.
    /// </summary>
    public void Hold(ILocalServer server) => _held.AddOrUpdate(server.Name, _ => New(), (_, held) => held.Task.IsCompleted ? New() : held);

    /// <summary>Brings a server back that ended meanwhile.</summary>
    public void LetGo(ILocalServer server)
    {
        if (!_held.TryGetValue(server.Name, out var held))
            return;
        if (!server.Exited.IsCompleted)
            Forget(server, held);
        held.TrySetResult();
    }

    /// <summary>From here on, what ends stays ended. The servers themselves go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_watches).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task WatchAsync(ILocalServer server)
    {
        var pause = FirstPause;
        try
        {
            while (true)
            {
                var since = clock.GetTimestamp();
                var exitCode = await server.Exited.WaitAsync(_stopping.Token).ConfigureAwait(false);
                if (clock.GetElapsedTime(since) > Settled)
                    pause = FirstPause;
                if (!await WasHeldAsync(server).ConfigureAwait(false))
                {
                    say($"{server.Name} ended by itself ({Describe(exitCode)}): starting it again in {pause.TotalSeconds:0.#} s");
                    await Task.Delay(pause, clock, _stopping.Token).ConfigureAwait(false);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    await WasHeldAsync(server).ConfigureAwait(false);
                }
                await RestartAsync(server).ConfigureAwait(false);
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The end that was asked for, also of a start under way.
        }
    }

    private async Task RestartAsync(ILocalServer server)
    {
        try
        {
            await server.StartAsync(_stopping.Token).ConfigureAwait(false);
            if (_held.TryGetValue(server.Name, out var held))
            {
                if (!held.Task.IsCompleted)
                {
                    // Held while it was being started: the watch finds it ended, and held.
                    await server.StopAsync().ConfigureAwait(false);
                    return;
                }
                // Let go while it was being started: the next end is one by itself.
                Forget(server, held);
            }
            started(server);
            say($"{server.Name} is back");
        }
        catch (Exception failure) when (!_stopping.IsCancellationRequested)
        {
            // Whatever it was, the others go on. Its process has ended: the next turn of the loop sees that and tries again.
            say(failure.Message);
        }
    }

    /// <summary>Returns when it is not held, or no more.</summary>
    private async Task<bool> WasHeldAsync(ILocalServer server)
    {
        var wasHeld = false;
        while (_held.TryGetValue(server.Name, out var held))
        {
            wasHeld = true;
            await held.Task.WaitAsync(_stopping.Token).ConfigureAwait(false);
            Forget(server, held);
        }
        return wasHeld;
    }

    /// <summary>This one only: it may be held anew by now.</summary>
    private void Forget(ILocalServer server, TaskCompletionSource held) =>
        _held.TryRemove(new KeyValuePair<string, TaskCompletionSource>(server.Name, held));

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Describe(int exitCode) => exitCode > 128 ? $"signal {exitCode - 128}" : $"exit code {exitCode}";
}
