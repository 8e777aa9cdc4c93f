using QuickPay.Caches;

namespace QuickPay.Tests.Caches;

public sealed class SingleFlightTests
{
    private readonly SingleFlight<int, string> _flights = new();

    [Fact]
    public async Task Who_comes_meanwhile_joins_and_who_comes_after_begins_anew()
    {
        var landing = new TaskCompletionSource<string>();
        var first = _flights.Join(1, _ => landing.Task);
        var second = _flights.Join(1, _ => throw new InvalidOperationException("Somebody is at it."));
        var other = _flights.Join(2, _ => Task.FromResult("other"));
        Assert.Equal((true, false, true), (first.IsOwn, second.IsOwn, other.IsOwn));
        landing.SetResult("one");
        Assert.Equal(("one", "one", "other"), (await first.Result, await second.Result, await other.Result));
        Assert.Equal("two", await _flights.Join(1, _ => Task.FromResult("two")).Result);
    }

    [Fact]
    public async Task An_error_is_everybodys_and_the_next_one_tries_again()
    {
        var landing = new TaskCompletionSource<string>();
        var first = _flights.Join(1, _ => landing.Task);
        var second = _flights.Join(1, _ => landing.Task);
        landing.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first.Result);
        await Assert.ThrowsAsync<TimeoutException>(() => second.Result);
        Assert.Equal("again", await _flights.Join(1, _ => Task.FromResult("again")).Result);
    }
}
