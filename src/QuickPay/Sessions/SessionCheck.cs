using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace QuickPay.Sessions;

/// <summary>One waiting check, taken from a pool and given back when its answer is read.</summary>
internal sealed class SessionCheck : IValueTaskSource<SessionState>
{
    private const int PoolMax = 4096;
    private static readonly ConcurrentQueue<SessionCheck> Pool = new();

    // Never run a caller's request inside the loop that answers all the others.
    private ManualResetValueTaskSourceCore<SessionState> _answer = new() { RunContinuationsAsynchronously = true };

    public SeenSession Session { get; private set; } = null!;

    public Guid MemberId { get; private set; }

    public ValueTask<SessionState> Task => new(this, _answer.Version);

    public static SessionCheck Take(SeenSession session, Guid member)
    {
        var check = Pool.TryDequeue(out var pooled) ? pooled : new SessionCheck();
        check.Session = session;
        check.MemberId = member;
        return check;
    }

    public void Answer(SessionState state) => _answer.SetResult(state);

    SessionState IValueTaskSource<SessionState>.GetResult(short token)
    {
        var state = _answer.GetResult(token);
        _answer.Reset();
        Session = null!;
        if (Pool.Count < PoolMax)
        {
            Pool.Enqueue(this);
        }

        return state;
    }

    ValueTaskSourceStatus IValueTaskSource<SessionState>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<SessionState>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _answer.OnCompleted(continuation, state, token, flags);
}
