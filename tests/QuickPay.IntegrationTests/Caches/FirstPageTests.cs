using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Caches;

/// <summary>The first page of a history is the account's newest, or it is not shown.</summary>
public sealed class FirstPageTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    [Fact]
    public async Task The_second_look_comes_from_the_cache_byte_for_byte()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        (await kim.SendsAsync(1_000, to: lee, memo: "점심")).ShouldBe(201);
        await kim.WhenCachedAsync(2);
        var read = (await kim.ReadsHistoryAsync()).ShouldBe(200);
        await WhenPageIsCachedAsync(kim);

        // By another server from Redis, and without it from this one's memory.
        await using var other = ApiBank.Open(Bank.Database);
        await kim.Through(other).BalanceAsync();
        foreach (var member in new[] { kim.Through(other), kim })
        {
            if (member == kim)
            {
                await Bank.Cache().KeyDeleteAsync(kim.PageKey());
            }
            var again = await WithoutTransfersAsync(() => member.ReadsHistoryAsync());
            Assert.Equal(read.Text, again.ShouldBe(200).Text);
            Assert.Equal("application/json; charset=utf-8", Assert.Single(again.Headers("Content-Type")));
        }
        // Others than the first page, as apps ask for it, are read.
        (await WithoutTransfersAsync(() => kim.ReadsHistoryAsync("?limit=19"))).ShouldBeProblem(503, "unavailable_retry");
        (await WithoutTransfersAsync(() => kim.ReadsHistoryAsync("?direction=out"))).ShouldBeProblem(503, "unavailable_retry");
    }

    [Fact]
    public async Task Whatever_touches_the_account_from_either_side_shows_at_once()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync(funds: 10_000));
        foreach (var member in new[] { kim, lee })
        {
            (await member.ReadsHistoryAsync()).ShouldBe(200);
            await WhenPageIsCachedAsync(member);
        }

        var sent = (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
        Assert.Equal(sent.Id, Newest(await kim.ReadsAsync("transactions", sent.Consistency)));
        await lee.WhenCachedAsync(2);
        Assert.Equal(sent.Id, Newest(await lee.ReadsAsync("transactions", null)));

        var held = (await kim.HoldsAsync(2_000, to: lee)).ShouldBe(201);
        Assert.Equal(held.Id, Newest(await kim.ReadsAsync("transactions", held.Consistency)));
        var cancelled = (await kim.CancelsAsync(held.Id)).ShouldBe(200);
        var page = await kim.ReadsAsync("transactions", cancelled.Consistency);
        Assert.Equal("cancelled", page["items"][0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_page_of_another_version_than_the_accounts_is_read_anew()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        (await kim.ReadsHistoryAsync()).ShouldBe(200);
        await WhenPageIsCachedAsync(kim);
        var old = await Bank.Cache().StringGetAsync(kim.PageKey());
        var sent = (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
        Assert.Equal(sent.Id, Newest(await kim.ReadsAsync("transactions", sent.Consistency)));
        await kim.WhenCachedAsync(2);
        // The newer page was lost, and the older one is there.
        await Bank.Cache().StringSetAsync(kim.PageKey(), old);

        await using var other = ApiBank.Open(Bank.Database);
        Assert.Equal(sent.Id, Newest(await kim.Through(other).ReadsAsync("transactions", null)));
    }

    [Fact]
    public async Task What_the_page_showed_the_next_balance_shows_too()
    {
        var kim = await Bank.JoinAsync(funds: 10_000);
        Assert.True(ConsistencyToken.TryParse((await kim.ReadsHistoryAsync()).Consistency, out var token));
        Assert.Equal((kim.AccountId, 1), (token.Account, token.Version));
    }

    private static Guid Newest(ApiAnswer page) => page.ShouldBe(200)["items"][0].GetProperty("id").GetGuid();

    private static Task WhenPageIsCachedAsync(ApiMember member) =>
        Eventually.IsTrueAsync(() => member.Bank.Cache().KeyExistsAsync(member.PageKey()), "the page is in the cache");

    /// <summary>Who reads transfers meanwhile waits, for longer than a reader may.</summary>
    private async Task<ApiAnswer> WithoutTransfersAsync(Func<Task<ApiAnswer>> look)
    {
        await using var locker = await Bank.Owner.OpenConnectionAsync(Cancellation);
        await using var transaction = await locker.BeginTransactionAsync(Cancellation);
        await using var take = new NpgsqlCommand("LOCK TABLE transfers IN ACCESS EXCLUSIVE MODE", locker);
        await take.ExecuteNonQueryAsync(Cancellation);
        return await look();
    }
}
