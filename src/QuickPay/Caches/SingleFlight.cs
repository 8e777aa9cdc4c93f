using System.Collections.Concurrent;

namespace QuickPay.Caches;

/// <summary>However many ask for the same thing at the same time, one fetches it for all.</summary>
internal sealed class SingleFlight<TKey, TValue>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Task<TValue>> _flights = new();

    /// <returns>The result to come, and whether this call began to fetch it: what was begun before may not show what the caller knows of.</returns>
    public (Task<TValue> Result, bool IsOwn) Join(TKey key, Func<TKey, Task<TValue>> fetch)
    {
        while (true)
        {
            if (_flights.TryGetValue(key, out var flight))
            {
                return (flight, false);
            }
            var landing = new TaskCompletionSource<TValue>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_flights.TryAdd(key, landing.Task))
            {
                _ = FlyAsync(key, fetch, landing);
                return (landing.Task, true);
            }
        }
    }

    private async Task FlyAsync(TKey key, Func<TKey, Task<TValue>> fetch, TaskCompletionSource<TValue> landing)
    {
        try
        {
            var value = await fetch(key);
            _flights.TryRemove(key, out _);
            landing.SetResult(value);
        }
        catch (Exception e)
        {
            _flights.TryRemove(key, out _);
            landing.SetException(e);
            // Those who asked may all have gone.
            _ = landing.Task.Exception;
        }
    }
}
