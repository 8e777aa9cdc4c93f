using System.Collections.Concurrent;

namespace QuickPay.Redis;

/// <summary>
/// Gathers what many callers ask at the same time, so that it can travel in one command.
/// <code>
///   calls ──▶ waiting ──▶ one loop: take all that waits ──▶ run it
///                              ▲                             │
///                              └─────────── while any wait ──┘
/// </code>
/// No timer: a lone call goes out at once, and while one group is on its way the next one gathers by itself.
/// </summary>
/// <param name="max">The most in one group.</param>
/// <param name="run">Answers a group, each of it, whatever happens; it never throws.</param>
internal sealed class Batches<T>(int max, Func<IReadOnlyList<T>, Task> run)
{
    private readonly ConcurrentQueue<T> _waiting = new();
    private readonly List<T> _batch = [];
    private int _looping;

    public void Add(T item)
    {
        _waiting.Enqueue(item);
        Begin();
    }

    private async Task LoopAsync()
    {
        try
        {
            while (TakeBatch())
            {
                await run(_batch);
                // Behind the requests that are ready to run: they join the next command (half as many commands in bursts).
                await Task.Yield();
            }
        }
        finally
        {
            // Also should it ever throw: those who wait, and whoever comes next, have no part in that.
            Interlocked.Exchange(ref _looping, 0);
            // Somebody may have joined between the last look and that line: then they saw the loop running, so look again.
            if (!_waiting.IsEmpty)
            {
                Begin();
            }
        }
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref _looping, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.LoopAsync(), this, preferLocal: false);
        }
    }

    private bool TakeBatch()
    {
        _batch.Clear();
        while (_batch.Count < max && _waiting.TryDequeue(out var item))
        {
            _batch.Add(item);
        }
        return _batch.Count > 0;
    }
}
