using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Edge.Limits;
using StackExchange.Redis;

namespace QuickPay.Tests.Edge.Limits;

/// <summary>How questions of many subjects become few commands.</summary>
public sealed class SharedLeasesTests : IDisposable
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(25);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private readonly ScriptedRedis _redis;
    private readonly SharedLeases _leases;
    private readonly Limit _limit = new("transfer-member", 50, TimeSpan.FromSeconds(1));

    public SharedLeasesTests()
    {
        var database = DispatchProxy.Create<IDatabase, ScriptedRedis>();
        _redis = (ScriptedRedis)(object)database;
        _leases = new SharedLeases(() => database, TimeSpan.FromSeconds(1), _time, NullLogger<SharedLeases>.Instance);
    }

    [Fact]
    public void Questions_that_nobody_waits_for_gather_into_one_command()
    {
        Ask(10);
        _time.Advance(Gathering - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_redis.Asked);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([10], _redis.Asked);
    }

    [Fact]
    public async Task Somebody_who_waits_is_asked_for_at_once_together_with_all_that_gathered()
    {
        Ask(3);

        _leases.Hurry();

        Assert.Equal(3, await _redis.NextAsync());
    }

    [Fact]
    public void What_is_asked_while_a_command_is_on_its_way_gathers_for_the_next_one()
    {
        Ask(1);
        _time.Advance(Gathering);
        Ask(2);
        _redis.AnswerAll();
        Assert.Equal([1], _redis.Asked);

        _time.Advance(Gathering);

        Assert.Equal([1, 2], _redis.Asked);
    }

    [Fact]
    public void Who_hurries_while_a_command_is_on_its_way_is_asked_for_with_the_next_one_at_once()
    {
        Ask(1);
        _time.Advance(Gathering);
        Ask(2);
        _leases.Hurry();

        _redis.AnswerAll();

        Assert.Equal([1, 2], _redis.Asked);
    }

    [Fact]
    public void More_than_a_command_holds_goes_out_in_several_one_after_the_other()
    {
        Ask(300);
        _time.Advance(Gathering);
        for (var i = 0; i < 3; i++)
        {
            _redis.AnswerAll();
        }

        Assert.Equal([128, 128, 44], _redis.Asked);
    }

    public void Dispose() => _leases.Dispose();

    private void Ask(int subjects)
    {
        for (var i = 0; i < subjects; i++)
        {
            _leases.Ask(new Subject(_limit, $"rate:v1:trial:{i}", _time.TimestampFrequency, _time));
        }
    }

    /// <summary>Knows the one command that leases need; its answers come when a test says so, on that test's thread.</summary>
    public class ScriptedRedis : DispatchProxy
    {
        private readonly Queue<(TaskCompletionSource<RedisResult> Answer, int Keys)> _open = [];
        private readonly TaskCompletionSource<int> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<int> Asked { get; } = [];

        public Task<int> NextAsync() => _next.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void AnswerAll()
        {
            for (var left = _open.Count; left > 0; left--)
            {
                var (answer, keys) = _open.Dequeue();
                answer.SetResult(RedisResult.Create(Enumerable.Repeat((RedisValue)1, 3 * keys).ToArray()));
            }
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod?.Name != nameof(IDatabase.ScriptEvaluateAsync) || args?[1] is not RedisKey[] keys)
            {
                throw new NotSupportedException($"{targetMethod}");
            }
            var answer = new TaskCompletionSource<RedisResult>();
            _open.Enqueue((answer, keys.Length));
            Asked.Add(keys.Length);
            _next.TrySetResult(keys.Length);
            return answer.Task;
        }
    }
}
