using Npgsql;
using QuickPay.Accounts;
using QuickPay.Caches;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Money;

namespace QuickPay.IntegrationTests.Caches;

/// <summary>When a balance comes from the cache, and when it may not.</summary>
public sealed class BalanceCacheTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const long Elsewhere = 777_777;

    [Fact]
    public async Task Both_sides_of_a_transfer_are_in_the_cache_and_are_shown_from_there()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        var sent = (await kim.SendsAsync(4_000, to: lee)).ShouldBe(201);
        await kim.WhenCachedAsync(2);
        await lee.WhenCachedAsync(1);

        var shown = await kim.WhileDatabaseSaysAsync(Elsewhere, () => kim.ReadsAsync("balance", sent.Consistency));
        Assert.Equal((6_000, 6_000, 2), (shown.Number("balance"), shown.Number("available"), shown.Number("version")));
        var received = await lee.WhileDatabaseSaysAsync(Elsewhere, () => lee.ReadsAsync("balance", null));
        Assert.Equal(4_000, received.Number("balance"));
    }

    [Fact]
    public async Task Who_has_seen_more_than_the_cache_has_is_shown_the_database()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        await kim.WhenCachedAsync(1);
        var old = await Bank.Cache().StringGetAsync(kim.BalanceKey());
        var sent = (await kim.SendsAsync(4_000, to: lee)).ShouldBe(201);
        await kim.WhenCachedAsync(2);
        // The write of the newer one was lost.
        await Bank.Cache().StringSetAsync(kim.BalanceKey(), old);

        Assert.Equal(6_000, (await kim.ReadsAsync("balance", sent.Consistency)).Number("balance"));
        await kim.WhenCachedAsync(2);
    }

    [Fact]
    public async Task Without_a_token_what_is_there_is_shown()
    {
        var kim = await Bank.JoinAsync(funds: 10_000);
        await kim.WhenCachedAsync(1);
        var shown = await kim.WhileDatabaseSaysAsync(Elsewhere, () => kim.ReadsAsync("balance", null));
        Assert.Equal(10_000, shown.Number("balance"));
    }

    /// <summary>A payment to another wallet of one's own shows in its token the wallet that paid.</summary>
    [Fact]
    public async Task A_token_of_another_account_says_nothing_about_this_one()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync(funds: 10_000));
        await kim.WhenCachedAsync(1);
        var token = (await lee.ReadsAsync("balance", null)).Consistency;
        var shown = await kim.WhileDatabaseSaysAsync(Elsewhere, () => kim.ReadsAsync("balance", token));
        Assert.Equal(Elsewhere, shown.Number("balance"));
    }

    [Fact]
    public async Task Nothing_of_an_older_timeline_is_found_and_who_knows_a_newer_one_is_shown_the_database()
    {
        var kim = await Bank.JoinAsync(funds: 10_000);
        await kim.WhenCachedAsync(1);
        Assert.True(ConsistencyToken.TryParse((await kim.ReadsAsync("balance", null)).Consistency, out var token));
        var beyond = (token with { Timeline = token.Timeline + 1 }).ToString();
        var answer = await kim.WhileDatabaseSaysAsync(Elsewhere, () => kim.ReadsAsync("balance", beyond));
        // This database has not been promoted, whatever the token says: it is the one that may be behind.
        answer.ShouldBeProblem(503, "unavailable_retry");

        await using var other = ApiBank.Open(Bank.Database);
        var there = kim.Through(other);
        Assert.Equal(10_000, (await there.BalanceAsync()).Balance);
        await there.WhenCachedAsync(1);
        var names = other.Service<CacheEpoch>();
        names.Saw(token.Timeline + 1);
        Assert.Null(await there.CachedVersionAsync());
        names.Saw(token.Timeline);
        Assert.Equal(token.Timeline + 1, names.Current!.Timeline);
    }

    [Fact]
    public async Task Another_members_account_is_as_if_it_were_not_there()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        await kim.WhenCachedAsync(1);
        (await lee.GetAsync($"/v1/accounts/{kim.AccountId}/balance")).ShouldBeProblem(404, "account_not_found");
        (await lee.GetAsync($"/v1/accounts/{kim.AccountId}/transactions")).ShouldBeProblem(404, "account_not_found");
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(5, 2)]
    public async Task The_newer_version_stays_in_whatever_order_they_come(long first, long second)
    {
        var (kim, lee) = (await Bank.JoinAsync(), await Bank.JoinAsync());
        await kim.BalanceAsync();
        await kim.WhenCachedAsync(0);
        await Bank.Cache().KeyDeleteAsync(kim.BalanceKey());
        var writer = Bank.Service<CacheWriter>();
        var now = TimeProvider.System.GetTimestamp();
        writer.Add(kim.BalanceKey(), Entry(kim, first), 60, now);
        await kim.WhenCachedAsync(first);
        writer.Add(kim.BalanceKey(), Entry(kim, second), 60, now);
        // In the order of their coming: when this one is there, the other one has been looked at.
        writer.Add(lee.BalanceKey(), Entry(lee, 1), 60, TimeProvider.System.GetTimestamp());
        await lee.WhenCachedAsync(1);
        await Bank.Cache().KeyDeleteAsync(lee.BalanceKey());
        Assert.Equal(5, await kim.CachedVersionAsync());
        var life = await Bank.Cache().KeyTimeToLiveAsync(kim.BalanceKey());
        Assert.InRange(life!.Value.TotalSeconds, 50, 60);
        await Bank.Cache().KeyDeleteAsync(kim.BalanceKey());
    }

    [Fact]
    public async Task What_was_read_too_long_ago_is_not_written()
    {
        var kim = await Bank.JoinAsync();
        var lee = await Bank.JoinAsync();
        await Task.WhenAll(kim.BalanceAsync(), lee.BalanceAsync());
        await Bank.Cache().KeyDeleteAsync(kim.BalanceKey());
        var writer = Bank.Service<CacheWriter>();
        var now = TimeProvider.System.GetTimestamp();
        writer.Add(kim.BalanceKey(), Entry(kim, 1), 60, now - 2 * TimeProvider.System.TimestampFrequency);
        // In the order of their coming: when this one is there, the other one has been dropped.
        writer.Add(lee.BalanceKey(), Entry(lee, 1), 60, now);
        await lee.WhenCachedAsync(1);
        Assert.Null(await kim.CachedVersionAsync());
        await Bank.Cache().KeyDeleteAsync(lee.BalanceKey());
    }

    [Fact]
    public async Task A_thousand_misses_at_the_same_time_are_one_question()
    {
        await using var database = await Servers.CreateDatabaseAsync();
        await new Superuser(database).DoAsync($"ALTER ROLE qp_api IN DATABASE {database.Name} SET lock_timeout = '4s'");
        await using var bank = ApiBank.Open(database);
        var kim = await bank.JoinAsync(funds: 10_000);
        await kim.WhenCachedAsync(1);
        await bank.Cache().KeyDeleteAsync(kim.BalanceKey());
        var balances = bank.Service<Balances>();
        await using var locker = await bank.Owner.OpenConnectionAsync(Cancellation);
        await using var transaction = await locker.BeginTransactionAsync(Cancellation);
        await using var take = new NpgsqlCommand("LOCK TABLE balances IN ACCESS EXCLUSIVE MODE", locker);
        await take.ExecuteNonQueryAsync(Cancellation);

        var reads = Enumerable.Range(0, 1_000).Select(_ => balances.ReadAsync(kim.AccountId, kim.Id, null, Cancellation).AsTask()).ToList();
        await Eventually.IsTrueAsync(async () => await WaitingAsync() > 0, "somebody asks");
        long waiting = 0;
        for (var look = 0; look < 30; look++)
        {
            waiting = Math.Max(waiting, await WaitingAsync());
        }
        await transaction.RollbackAsync(Cancellation);

        Assert.All(await Task.WhenAll(reads), read => Assert.Equal(10_000, read.Balance!.Balance));
        Assert.Equal(1, waiting);

        Task<long> WaitingAsync() =>
            bank.AskAsync<long>(
                "SELECT count(*) FROM pg_locks WHERE relation = 'balances'::regclass AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            );
    }

    [Fact]
    public async Task When_too_many_are_at_the_database_the_next_is_refused_and_nobody_waits_for_long()
    {
        await using var database = await Servers.CreateDatabaseAsync();
        await new Superuser(database).DoAsync($"ALTER ROLE qp_api IN DATABASE {database.Name} SET lock_timeout = '4s'");
        await using var bank = ApiBank.Open(database, ("Cache:LoadsMax", "2"));
        var members = new[] { await bank.JoinAsync(), await bank.JoinAsync(), await bank.JoinAsync() };
        await using var locker = await bank.Owner.OpenConnectionAsync(Cancellation);
        await using var transaction = await locker.BeginTransactionAsync(Cancellation);
        await using var take = new NpgsqlCommand("LOCK TABLE balances IN ACCESS EXCLUSIVE MODE", locker);
        await take.ExecuteNonQueryAsync(Cancellation);

        var reading = members.Select(member => member.ReadsAsync("balance", null)).ToList();
        var refused = await await Task.WhenAny(reading);
        refused.ShouldBeProblem(503, "overloaded");
        await transaction.RollbackAsync(Cancellation);
        Assert.Equal(2, (await Task.WhenAll(reading)).Count(answer => answer.Status == 200));
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Switched_off_it_is_neither_asked_nor_written()
    {
        await using var bank = ApiBank.Open(Bank.Database, ("Cache:Enabled", "false"));
        var (kim, lee) = (await bank.JoinAsync(funds: 10_000), await bank.JoinAsync());
        (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
        Assert.Equal(9_000, (await kim.BalanceAsync()).Balance);
        (await kim.ReadsHistoryAsync()).ShouldBe(200);
        await using var looking = ApiBank.Open(Bank.Database);
        var there = kim.Through(looking);
        // Learns the names, and with them would find what the other wrote.
        await lee.Through(looking).BalanceAsync();
        Assert.Null(await there.CachedVersionAsync());
        Assert.False(await looking.Cache().KeyExistsAsync(there.PageKey()));
    }

    private static byte[] Entry(ApiMember member, long version) =>
        BalanceEntry.Write(new AccountBalance(member.AccountId, 1, 0, version, Currency.KRW, DateTime.UnixEpoch, 1, 1), member.Id);
}
