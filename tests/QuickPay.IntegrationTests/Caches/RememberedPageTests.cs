using QuickPay.Caches;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Caches;

/// <summary>Pages in a server's own memory: shown while they are what is known of the account, by version and timeline.</summary>
public sealed class RememberedPageTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private readonly Guid _account = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_page_of_an_older_version_is_not_shown()
    {
        var pages = Bank.Service<FirstPages>();
        var timeline = await TimelineAsync(Bank);
        var old = Page(timeline, 5);
        Assert.Same(old, await ReadAsync(pages, old));
        await ForgottenByRedisAsync(Bank);
        Assert.Same(old, await pages.ReadAsync(_account, 5, timeline, Nothing, Cancellation));

        var page = Page(timeline, 6);
        Assert.Same(page, await ReadAsync(pages, page));
        // It has taken the old one's place, for those too who have seen less.
        await ForgottenByRedisAsync(Bank);
        Assert.Same(page, await pages.ReadAsync(_account, 5, timeline, Nothing, Cancellation));
    }

    /// <summary>A slow read of an old version may come last and take the new one's place: it is not shown for that.</summary>
    [Fact]
    public async Task A_page_that_was_remembered_late_is_not_shown_to_who_has_seen_more()
    {
        var pages = Bank.Service<FirstPages>();
        var timeline = await TimelineAsync(Bank);
        await ReadAsync(pages, Page(timeline, 6));
        await pages.ReadAsync(_account, 7, timeline, () => Task.FromResult<FirstPage?>(Page(timeline, 5)), Cancellation);
        await ForgottenByRedisAsync(Bank);

        var page = Page(timeline, 6);
        Assert.Same(page, await ReadAsync(pages, page));
    }

    [Fact]
    public async Task A_page_of_an_older_timeline_is_not_shown_however_high_its_version()
    {
        // A server of its own: what it is told of a new timeline is not true.
        await using var bank = ApiBank.Open(Bank.Database);
        var pages = bank.Service<FirstPages>();
        var timeline = await TimelineAsync(bank);
        var old = Page(timeline, 9);
        Assert.Same(old, await ReadAsync(pages, old));

        bank.Service<CacheEpoch>().Saw(timeline + 1);
        var page = Page(timeline + 1, 5);
        Assert.Same(page, await ReadAsync(pages, page));
        await ForgottenByRedisAsync(bank);
        Assert.Same(page, await pages.ReadAsync(_account, 5, timeline + 1, Nothing, Cancellation));
        // A page that a replaced primary still gives out is neither remembered nor shown to others.
        await pages.ReadAsync(_account, 10, timeline, () => Task.FromResult<FirstPage?>(Page(timeline, 10)), Cancellation);
        Assert.Same(page, await pages.ReadAsync(_account, 5, timeline + 1, Nothing, Cancellation));
    }

    /// <summary>Reads what a page has, by who knows of its version.</summary>
    private ValueTask<FirstPage?> ReadAsync(FirstPages pages, FirstPage page) =>
        pages.ReadAsync(_account, page.Version, page.Timeline, () => Task.FromResult<FirstPage?>(page), Cancellation);

    private static Task<FirstPage?> Nothing() => throw new InvalidOperationException("Nobody had to read.");

    private static FirstPage Page(uint timeline, long version) => new(timeline, 1, version, "{}"u8.ToArray());

    /// <summary>The page is written behind the answer: it is taken away when it is there.</summary>
    private Task ForgottenByRedisAsync(ApiBank bank) =>
        Eventually.IsTrueAsync(
            () => bank.Cache().KeyDeleteAsync(bank.Service<CacheEpoch>().Current!.Page(_account)),
            "the page was in the cache"
        );

    /// <summary>Known to a server from what it reads first.</summary>
    private async Task<uint> TimelineAsync(ApiBank bank)
    {
        var (kim, _) = await CoupleAsync();
        await kim.Through(bank).BalanceAsync();
        return bank.Service<CacheEpoch>().Current!.Timeline;
    }
}
