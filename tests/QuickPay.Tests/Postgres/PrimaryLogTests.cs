using Microsoft.Extensions.Time.Testing;
using QuickPay.Postgres;

namespace QuickPay.Tests.Postgres;

public sealed class PrimaryLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PrimaryLog _log;

    public PrimaryLogTests() => _log = new PrimaryLog(_time, TimeSpan.FromMinutes(1));

    [Fact]
    public void A_primary_that_has_been_replaced_and_does_not_know_it_is_no_news()
    {
        var at = _time.GetTimestamp();
        Assert.True(_log.TryAdd(new LogPosition(2, 100), at));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(_log.TryAdd(new LogPosition(1, 900), _time.GetTimestamp()));

        Assert.Equal(2u, _log.Timeline);
        Assert.Equal(at, _log.LastSeenAt(100));
        Assert.Equal(at, _log.LastSeenAt(900));
    }

    [Fact]
    public void A_new_primary_s_places_say_nothing_about_the_old_one_s()
    {
        Assert.True(_log.TryAdd(new LogPosition(1, 100), _time.GetTimestamp()));
        _time.Advance(TimeSpan.FromSeconds(1));
        var at = _time.GetTimestamp();

        Assert.True(_log.TryAdd(new LogPosition(2, 500), at));

        Assert.Equal(2u, _log.Timeline);
        Assert.Null(_log.LastSeenAt(100));
        Assert.Equal(at, _log.LastSeenAt(500));
    }
}
