using Microsoft.Extensions.Time.Testing;
using QuickPay.Caches;
using QuickPay.Tests.Support;

namespace QuickPay.Tests.Caches;

public sealed class CacheBreakerTests : IDisposable
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(101);
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(2);
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLog _log = new();
    private readonly CacheBreaker _breaker;

    public CacheBreakerTests() => _breaker = new CacheBreaker(new CacheOptions(), _time, _log.Of<CacheBreaker>());

    public void Dispose() => _log.Dispose();

    [Fact]
    public void While_answers_are_quick_everybody_may_ask()
    {
        _breaker.Answered(Quick, wasTrial: false);
        Assert.Equal((true, true), (MayAsk(), MayAsk()));
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_slow_answer_or_an_error_nobody_asks_for_a_second_then_one_for_all(bool isSlow)
    {
        Break(isSlow);
        Assert.True(_breaker.IsOpen);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(MayAsk());
        // On its way since before.
        _breaker.Answered(Quick, wasTrial: false);
        Assert.True(_breaker.IsOpen);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_breaker.MayAsk(out var isTrial) && isTrial);
        Assert.False(MayAsk());

        // It went wrong again: another second.
        Break(isSlow);
        Assert.False(MayAsk());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(MayAsk());
        _breaker.Answered(Quick, wasTrial: true);
        Assert.Equal((true, true), (MayAsk(), MayAsk()));
        Assert.Equal([1110, 1111], _log.Lines.Select(line => line.Id));
    }

    private bool MayAsk() => _breaker.MayAsk(out _);

    private void Break(bool isSlow)
    {
        if (isSlow)
        {
            _breaker.Answered(Slow, wasTrial: true);
        }
        else
        {
            _breaker.Failed(new TimeoutException());
        }
    }
}
