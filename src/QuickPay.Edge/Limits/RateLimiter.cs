using StackExchange.Redis;

namespace QuickPay.Edge.Limits;

/// <summary>One limit and all its subjects.</summary>
internal sealed class RateLimiter
{
    // Somebody always gets what an answer brings; who still waits after this many is answered by this edge's own count.
    private const int AnswersMax = 8;
    private static readonly TimeSpan IdleMin = TimeSpan.FromMinutes(1);
    private static readonly OwnLeases Own = new();
    private readonly ILeases _leases;
    private readonly SubjectTable _subjects;
    private readonly KeyValuePair<string, object?> _tag;

    /// <param name="keyOf">The name of a subject's shared log.</param>
    public RateLimiter(Limit limit, int subjectsMax, ILeases leases, Func<Limit, UInt128, RedisKey> keyOf, TimeProvider time)
    {
        Limit = limit;
        _leases = leases;
        _tag = RateLimited.Tag(limit.Name);
        var window = (long)(limit.Window.TotalSeconds * time.TimestampFrequency);
        var idle = limit.Window * 2 > IdleMin ? limit.Window * 2 : IdleMin;
        _subjects = new SubjectTable(subjectsMax, idle, time, id => new Subject(limit, keyOf(limit, id), window, time));
    }

    public Limit Limit { get; }

    /// <summary>For tests: subjects that are remembered.</summary>
    internal int Subjects => _subjects.Count;

    /// <summary>Counts one request. Completed at once, but for busy subjects and small limits while an answer is on its way.</summary>
    public ValueTask<LimitVerdict> TakeAsync(UInt128 id)
    {
        var subject = _subjects.Of(id);
        var answer = subject.Take(_leases, again: false, out var verdict);
        return answer is null ? new ValueTask<LimitVerdict>(Counted(verdict)) : WaitAsync(subject, answer);
    }

    private async ValueTask<LimitVerdict> WaitAsync(Subject subject, Task answer)
    {
        for (var answers = 1; ; answers++)
        {
            await answer;
            if (subject.Take(answers < AnswersMax ? _leases : Own, again: true, out var verdict) is not { } next)
            {
                return Counted(verdict);
            }
            answer = next;
        }
    }

    private LimitVerdict Counted(LimitVerdict verdict)
    {
        if (!verdict.IsAllowed)
        {
            EdgeTelemetry.RateLimited.Add(1, _tag);
        }
        return verdict;
    }
}
