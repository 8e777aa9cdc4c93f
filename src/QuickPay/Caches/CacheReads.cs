using QuickPay.Redis;
using StackExchange.Redis;

namespace QuickPay.Caches;

/// <summary>What the cache said.</summary>
/// <param name="WasAsked">False: it was left alone, or did not answer.</param>
internal readonly record struct CacheReply(RedisValue Value, bool WasAsked);

/// <summary>Reads entries, many callers in one command. Never throws: whoever gets nothing reads the database.</summary>
internal sealed class CacheReads
{
    private readonly RedisConnection _redis;
    private readonly CacheBreaker _breaker;
    private readonly TimeProvider _time;
    private readonly Batches<Question> _questions;

    public CacheReads(RedisConnection redis, CacheBreaker breaker, TimeProvider time, int batchMax)
    {
        (_redis, _breaker, _time) = (redis, breaker, time);
        _questions = new Batches<Question>(batchMax, AnswerAsync);
    }

    /// <summary>Await the answer exactly once.</summary>
    public ValueTask<CacheReply> GetAsync(RedisKey key)
    {
        if (!_breaker.MayAsk())
        {
            return default;
        }
        var question = Question.Take(key);
        var answer = question.Task;
        _questions.Add(question);
        return answer;
    }

    private async Task AnswerAsync(IReadOnlyList<Question> questions)
    {
        RedisValue[]? values = null;
        var began = _time.GetTimestamp();
        try
        {
            var keys = new RedisKey[questions.Count];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = questions[i].Key;
            }
            values = await _redis.Database.StringGetAsync(keys);
            _breaker.Answered(_time.GetElapsedTime(began));
        }
        catch (Exception e)
        {
            // Whatever it was, those who wait must get an answer.
            _breaker.Failed(e);
        }
        for (var i = 0; i < questions.Count; i++)
        {
            questions[i].Answer(values is null ? default : new CacheReply(values[i], true));
        }
    }

    private sealed class Question : PooledAnswer<Question, CacheReply>
    {
        public RedisKey Key { get; private set; }

        public static Question Take(RedisKey key)
        {
            var question = TakeOne();
            question.Key = key;
            return question;
        }

        protected override void Forget() => Key = default;
    }
}
