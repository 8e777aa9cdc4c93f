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
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = [];

    /// <summary>Takes over a server that has just started.</summary>
    public void Watch(ILocalServer server) => _watches.Add(WatchAsync(server));

    /// <summary>From here on a server that ends stays ended, as a machine that is lost does, until it is let go.</summary>
    public void Hold(ILocalServer server) =>
        _held.TryAdd(server.Name, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Brings a server back that ended meanwhile.</summary>
    public void LetGo(ILocalServer server)
    {
        if (_held.TryRemove(server.Name, out var held))
            held.SetResult();
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
                var exitCode = await server.Process!.Exited.WaitAsync(_stopping.Token).ConfigureAwait(false);
                if (clock.GetElapsedTime(since) > Settled)
                    pause = FirstPause;
                if (_held.TryGetValue(server.Name, out var held))
                {
                    await held.Task.WaitAsync(_stopping.Token).ConfigureAwait(false);
                    await RestartAsync(server).ConfigureAwait(false);
                    continue;
                }
                say($"{server.Name} ended by itself ({Describe(exitCode)}): starting it again in {pause.TotalSeconds:0.#} s");
                await Task.Delay(pause, clock, _stopping.Token).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                await RestartAsync(server).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task RestartAsync(ILocalServer server)
    {
        try
        {
            await server.StartAsync(_stopping.Token).ConfigureAwait(false);
            started(server);
            say($"{server.Name} is back");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Whatever it was, the others go on. Its process has ended: the next turn of the loop sees that and tries again.
            say(failure.Message);
        }
    }

    private static string Describe(int exitCode) => exitCode > 128 ? $"signal {exitCode - 128}" : $"exit code {exitCode}";
}
