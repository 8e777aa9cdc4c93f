using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Rates;

namespace QuickPay.IntegrationTests.Rates;

/// <summary>What of the rates stays in the database, and when it is stale. Written with the worker's role, read with the API's.</summary>
public sealed class RateStoreTests(TestServers servers) : IAsyncLifetime
{
    private static readonly DateOnly Yesterday = SomeRates.Yesterday();
    private TestDatabase _database = null!;
    private NpgsqlDataSource _api = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _api = NpgsqlDataSource.Create(_database.Api.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Rates_come_back_to_the_last_digit()
    {
        Assert.Null(await PublishedAsync());
        var rates = new Dictionary<string, decimal>
        {
            ["KRW"] = 1708.200m,
            ["USD"] = 0.000000001m,
            ["IDR"] = 999999999.123456m,
        };

        await SomeRates.PublishAsync(_database, new DailyRates(Yesterday, "EUR", rates), "ecb");

        var published = (await PublishedAsync())!;
        Assert.Equal(("ecb", Yesterday, "EUR", false), (published.Source, published.Day.AsOf, published.Day.Base, published.IsStale));
        Assert.Equal(rates.OrderBy(rate => rate.Key), published.Day.Rates);
        Assert.Null(await LastOfAsync("file"));
        Assert.Equal(Yesterday, (await LastOfAsync("ecb"))!.AsOf);
    }

    [Fact]
    public async Task A_correction_replaces_its_day_and_an_older_day_replaces_nothing()
    {
        await SomeRates.PublishAsync(_database);
        await SomeRates.PublishAsync(_database, With(usd: 1.17m, Yesterday));
        await SomeRates.PublishAsync(_database, With(usd: 1.18m, Yesterday.AddDays(-1)));

        var published = (await PublishedAsync())!;
        Assert.Equal((Yesterday, 1.17m), (published.Day.AsOf, published.Day.Of("USD")));
        Assert.Equal(1, await _database.AskAsync<long>("SELECT count(*) FROM exchange_rates"));
    }

    /// <summary>Each source has days of its own, and an older one of another source may be all that there is to look at.</summary>
    [Fact]
    public async Task The_source_that_was_looked_at_last_is_shown()
    {
        await SomeRates.PublishAsync(_database, source: "ecb");
        await SomeRates.PublishAsync(_database, With(usd: 1.1m, Yesterday.AddDays(-1)), "file");
        Assert.Equal("file", (await PublishedAsync())!.Source);

        await SomeRates.PublishAsync(_database, source: "ecb");
        Assert.Equal("ecb", (await PublishedAsync())!.Source);
        Assert.Equal(1.1m, (await LastOfAsync("file"))!.Of("USD"));
    }

    [Fact]
    public async Task Rates_are_stale_when_nothing_good_was_heard_for_too_long()
    {
        await SomeRates.PublishAsync(_database);
        await SomeRates.PassAsync(_database, SomeRates.FreshFor - TimeSpan.FromMinutes(5));
        Assert.False((await PublishedAsync())!.IsStale);

        await SomeRates.PassAsync(_database, TimeSpan.FromMinutes(5));
        Assert.True((await PublishedAsync())!.IsStale);

        await SomeRates.PublishAsync(_database);
        Assert.False((await PublishedAsync())!.IsStale);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public async Task Rates_of_a_day_before_any_holiday_are_stale_though_the_source_answers(int days, bool isStale)
    {
        var today = await _database.AskAsync<DateTime>("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date::timestamp");

        await SomeRates.PublishAsync(_database, SomeRates.Of(DateOnly.FromDateTime(today).AddDays(-days)));

        Assert.Equal(isStale, (await PublishedAsync())!.IsStale);
    }

    private static DailyRates With(decimal usd, DateOnly day) =>
        SomeRates.Of(day) with
        {
            Rates = new Dictionary<string, decimal>(SomeRates.Rates) { ["USD"] = usd },
        };

    private Task<PublishedRates?> PublishedAsync() => new RateStore(_api).ReadAsync(Cancellation);

    private Task<DailyRates?> LastOfAsync(string source) => new RateStore(_api).LastOfAsync(source, Cancellation);
}
