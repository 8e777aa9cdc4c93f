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
        if (!_breaker.MayAsk(out var isTrial))
        {
            return default;
        }
        var question = Question.Take(key, isTrial);
        var answer = question.Task;
        _questions.Add(question);
        return answer;
    }

    private async Task AnswerAsync(IReadOnlyList<Question> questions)
    {
        RedisValue[]? values = null;
        try
        {
            values = await AskAsync(questions);
        }
        finally
        {
            for (var i = 0; i < questions.Count; i++)
            {
                questions[i].Answer(values is null ? default : new CacheReply(values[i], true));
            }
        }
    }

    /// <returns>Null when there is no answer.</returns>
    private async Task<RedisValue[]?> AskAsync(IReadOnlyList<Question> questions)
    {
        var keys = new RedisKey[questions.Count];
        var isTrial = false;
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = questions[i].Key;
            isTrial |= questions[i].IsTrial;
        }
        if (_breaker.IsOpen && !isTrial)
        {
            // What gathered while an answer did not come would wait as long, one group after the other.
            return null;
        }
        var began = _time.GetTimestamp();
        try
        {
            var values = await _redis.Database.StringGetAsync(keys);
            _breaker.Answered(_time.GetElapsedTime(began), isTrial);
            return values;
        }
        catch (Exception e)
        {
            // Whatever it was, those who wait must get an answer.
            _breaker.Failed(e);
            return null;
        }
    }

    private sealed class Question : PooledAnswer<Question, CacheReply>
    {
        public RedisKey Key { get; private set; }

        public bool IsTrial { get; private set; }

        public static Question Take(RedisKey key, bool isTrial)
        {
            var question = TakeOne();
            (question.Key, question.IsTrial) = (key, isTrial);
            return question;
        }

        protected override void Forget() => Key = default;
    }
}
