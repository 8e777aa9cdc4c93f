using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace QuickPay.Redis;

/// <summary>Somebody who waits for an answer; taken from a pool and given back when the answer is read, which must happen exactly once.</summary>
internal abstract class PooledAnswer<TSelf, TAnswer> : IValueTaskSource<TAnswer>
    where TSelf : PooledAnswer<TSelf, TAnswer>, new()
{
    private const int PoolMax = 4096;
    private static readonly ConcurrentQueue<TSelf> Pool = new();

    // Never run a caller's request inside the loop that answers all the others.
    private ManualResetValueTaskSourceCore<TAnswer> _answer = new() { RunContinuationsAsynchronously = true };

    public ValueTask<TAnswer> Task => new(this, _answer.Version);

    public void Answer(TAnswer answer) => _answer.SetResult(answer);

    protected static TSelf TakeOne() => Pool.TryDequeue(out var pooled) ? pooled : new TSelf();

    /// <summary>Lets go of what it was asked, before it goes back.</summary>
    protected abstract void Forget();

    TAnswer IValueTaskSource<TAnswer>.GetResult(short token)
    {
        var answer = _answer.GetResult(token);
        _answer.Reset();
        Forget();
        if (Pool.Count < PoolMax)
        {
            Pool.Enqueue((TSelf)this);
        }
        return answer;
    }

    ValueTaskSourceStatus IValueTaskSource<TAnswer>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<TAnswer>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _answer.OnCompleted(continuation, state, token, flags);
}
