using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using QuickPay.IntegrationTests.Ledger;
using QuickPay.IntegrationTests.Support;
using QuickPay.Rates;
using QuickPay.Tests.Support;
using QuickPay.Worker.Rates;

namespace QuickPay.IntegrationTests.Rates;

/// <summary>The worker's looks at a feed that gets better and worse, and what members are shown meanwhile.</summary>
public sealed class LookForRatesTests(TestServers servers) : IAsyncLifetime
{
    private const int Refused = 2012;
    private static readonly DateOnly Yesterday = SomeRates.Yesterday();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly RecordedLog _log = new();
    private TestDatabase _database = null!;
    private NpgsqlDataSource _pool = null!;
    private RateStore _store = null!;
    private FakeFeed _feed = null!;
    private EcbRateSource _source = null!;
    private WorkerUnderTest _worker = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _pool = NpgsqlDataSource.Create(_database.Worker.ConnectionString);
        _store = new RateStore(_pool);
        _feed = await FakeFeed.StartAsync();
        _source = new EcbRateSource(_feed.Options());
        _worker = WorkerUnderTest.On(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        _source.Dispose();
        await _feed.DisposeAsync();
        await _pool.DisposeAsync();
        _log.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task The_leader_looks_at_once_and_then_every_ten_minutes()
    {
        await StartAsync();
        await ShownAsync(1.16m);

        _feed.Answer = FakeFeed.With(Day(usd: 1.17m));
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        Assert.Equal(1, _feed.Requests);
        _time.Advance(TimeSpan.FromTicks(1));
        await ShownAsync(1.17m);
        Assert.Equal(2, _feed.Requests);
    }

    [Fact]
    public async Task While_the_source_fails_the_last_good_rates_stay_and_become_stale_until_it_is_back()
    {
        await StartAsync();
        await ShownAsync(1.16m);

        _feed.Answer = FakeFeed.With("", 503);
        await RefusedAtTheNextLookAsync("answers 503");
        await SomeRates.PassAsync(_database, TimeSpan.FromMinutes(10));
        Assert.False((await PublishedAsync())!.IsStale);

        await RefusedAtTheNextLookAsync("answers 503");
        await SomeRates.PassAsync(_database, TimeSpan.FromMinutes(10));
        Assert.False((await PublishedAsync())!.IsStale);
        await SomeRates.PassAsync(_database, TimeSpan.FromMinutes(1));
        Assert.Equal((Yesterday, 1.16m, true), await StateAsync());

        _feed.Answer = FakeFeed.With(Day(usd: 1.15m));
        _time.Advance(TimeSpan.FromMinutes(10));
        await ShownAsync(1.15m);
        Assert.Equal((Yesterday, 1.15m, false), await StateAsync());
    }

    [Fact]
    public async Task A_feed_that_is_not_believed_replaces_nothing_and_keeps_nothing_fresh()
    {
        await StartAsync();
        await ShownAsync(1.16m);
        await SomeRates.PassAsync(_database, SomeRates.FreshFor);

        (string Why, string Feed)[] bad =
        [
            ("in the future", Day(day: Yesterday.AddDays(3))),
            ("before the last one", Day(day: Yesterday.AddDays(-1))),
            ("USD jumps", Day(usd: 1.4m)),
            ("zero or absurd", Day(usd: 0)),
            ("no KRW", Day().Replace("KRW", "KPW", StringComparison.Ordinal)),
            ("not XML", Day()[..^10]),
        ];
        foreach (var (why, feed) in bad)
        {
            _feed.Answer = FakeFeed.With(feed);
            await RefusedAtTheNextLookAsync(why);
            Assert.Equal((Yesterday, 1.16m, true), await StateAsync());
        }
    }

    [Fact]
    public async Task A_restart_forgets_nothing_of_what_was_believed()
    {
        await SomeRates.PublishAsync(_database, source: "ecb");
        _feed.Answer = FakeFeed.With(Day(usd: 1.4m));

        await StartAsync();

        await Eventually.IsTrueAsync(() => _log.Lines.Any(line => line.Id == Refused), "the first look is refused");
        Assert.Equal((Yesterday, 1.16m, false), await StateAsync());
    }

    private Task StartAsync() =>
        _worker.StartAsync(
            new LookForRates(_source, _store, Options.Create(_feed.Options()), _worker.Leadership, _time, _log.Of<LookForRates>())
        );

    private static string Day(decimal usd = 1.16m, DateOnly? day = null) =>
        FakeFeed.Xml(SomeRates.Of(day) with { Rates = new Dictionary<string, decimal>(SomeRates.Rates) { ["USD"] = usd } });

    private Task ShownAsync(decimal usd) =>
        Eventually.IsTrueAsync(async () => (await PublishedAsync())?.Day.Of("USD") == usd, $"one euro is {usd} dollars");

    private async Task RefusedAtTheNextLookAsync(string why)
    {
        _log.Take();
        _time.Advance(TimeSpan.FromMinutes(10));
        await Eventually.IsTrueAsync(() => _log.Lines.Any(line => line.Id == Refused), "the look is refused");
        Assert.Contains(why, _log.Lines.Single(line => line.Id == Refused).Text, StringComparison.Ordinal);
    }

    private async Task<(DateOnly AsOf, decimal? Usd, bool IsStale)> StateAsync() =>
        await PublishedAsync() is { } shown ? (shown.Day.AsOf, shown.Day.Of("USD"), shown.IsStale) : default;

    private Task<PublishedRates?> PublishedAsync() => _store.ReadAsync(Cancellation);
}
