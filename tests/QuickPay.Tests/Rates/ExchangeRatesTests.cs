using Microsoft.Extensions.Time.Testing;
using QuickPay.Rates;

namespace QuickPay.Tests.Rates;

/// <summary>A server's copy of the rates.</summary>
public sealed class ExchangeRatesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Queue<TaskCompletionSource<PublishedRates?>> _reads = new();
    private readonly ExchangeRates _rates;
    private int _count;

    public ExchangeRatesTests() =>
        _rates = new ExchangeRates(
            () =>
            {
                Interlocked.Increment(ref _count);
                return _reads.Dequeue().Task;
            },
            _time
        );

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_at_once_are_one_question()
    {
        var read = NextRead();
        var all = Enumerable.Range(0, 1_000).Select(_ => Task.Run(() => _rates.ReadAsync(Cancellation))).ToList();
        read.SetResult(Some(1));

        Assert.All(await Task.WhenAll(all), rates => Assert.Equal("n1", rates!.Source));
        Assert.Equal(1, _count);
    }

    [Fact]
    public async Task A_copy_is_good_for_a_minute_and_then_another_is_made()
    {
        NextRead().SetResult(Some(1));
        NextRead().SetResult(Some(2));

        Assert.Equal("n1", await NameAsync());
        _time.Advance(ExchangeRates.KeptFor - TimeSpan.FromTicks(1));
        Assert.Equal("n1", await NameAsync());
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("n2", await NameAsync());
        Assert.Equal(2, _count);
    }

    [Fact]
    public async Task That_there_are_none_yet_is_not_kept()
    {
        NextRead().SetResult(null);
        NextRead().SetResult(Some(1));

        Assert.Null(await _rates.ReadAsync(Cancellation));
        Assert.Equal("n1", await NameAsync());
    }

    [Fact]
    public async Task A_question_that_fails_is_told_to_those_who_wait_and_asked_again_for_the_next()
    {
        var read = NextRead();
        NextRead().SetResult(Some(2));
        var waiting = _rates.ReadAsync(Cancellation);
        read.SetException(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        Assert.Equal("n2", await NameAsync());
    }

    [Fact]
    public async Task Who_goes_away_takes_the_answer_from_nobody()
    {
        var read = NextRead();
        using var gone = new CancellationTokenSource();
        var (first, second) = (_rates.ReadAsync(gone.Token), _rates.ReadAsync(Cancellation));
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        read.SetResult(Some(1));
        Assert.Equal("n1", (await second)!.Source);
    }

    private static PublishedRates Some(int n) =>
        new($"n{n}", new DailyRates(new DateOnly(2026, 11, 20), "EUR", new Dictionary<string, decimal>()), IsStale: false);

    private async Task<string> NameAsync() => (await _rates.ReadAsync(Cancellation))!.Source;

    private TaskCompletionSource<PublishedRates?> NextRead()
    {
        var read = new TaskCompletionSource<PublishedRates?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _reads.Enqueue(read);
        return read;
    }
}
