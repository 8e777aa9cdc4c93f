using Microsoft.Extensions.Time.Testing;
using QuickPay.Edge.Limits;

namespace QuickPay.Tests.Edge.Limits;

/// <summary>Edges under one limit with a clock that stands still, and a list of when each let a request through.</summary>
internal sealed class LimiterStory
{
    private readonly SharedLog _log;
    private readonly List<SharedLog.Connection> _connections = [];
    private readonly List<RateLimiter> _edges = [];

    public LimiterStory(Limit limit, int edges)
    {
        _log = new SharedLog(Time);
        for (var i = 0; i < edges; i++)
        {
            _connections.Add(_log.Connect());
            _edges.Add(new RateLimiter(limit, subjectsMax: 1_000, _connections[i], (one, id) => $"{one.Name}:{id}", Time));
        }
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));

    public List<long> AllowedAtMs { get; } = [];

    public int Questions => _log.Questions;

    public SharedLog.Connection Connection(int edge = 0) => _connections[edge];

    /// <summary>One request; what it waits for is answered at once.</summary>
    public async Task<LimitVerdict> SendAsync(int edge = 0, UInt128 subject = default)
    {
        var verdict = _edges[edge].TakeAsync(subject);
        _connections[edge].AnswerAll();
        while (!verdict.IsCompleted)
        {
            await Task.Yield();
            _connections[edge].AnswerAll();
        }
        return Noted(await verdict);
    }

    /// <summary>One request whose question stays unanswered; not completed when it has to wait for that.</summary>
    public ValueTask<LimitVerdict> Begin(int edge = 0) => _edges[edge].TakeAsync(default);

    public async Task<int> SendManyAsync(int count, int edge = 0)
    {
        var allowed = 0;
        for (var i = 0; i < count; i++)
        {
            allowed += (await SendAsync(edge)).IsAllowed ? 1 : 0;
        }
        return allowed;
    }

    /// <summary>The most requests that went through in any window.</summary>
    public int MostInAWindow(TimeSpan window)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < AllowedAtMs.Count; last++)
        {
            while (AllowedAtMs[last] - AllowedAtMs[first] >= window.TotalMilliseconds)
            {
                first++;
            }
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }

    private LimitVerdict Noted(LimitVerdict verdict)
    {
        if (verdict.IsAllowed)
        {
            AllowedAtMs.Add(Time.GetUtcNow().ToUnixTimeMilliseconds());
        }
        return verdict;
    }
}
