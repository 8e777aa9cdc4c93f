using QuickPay.Caches;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Redis;
using StackExchange.Redis;

namespace QuickPay.IntegrationTests.Caches;

/// <summary>Looks behind an API server, at what its cache has.</summary>
internal static class CacheBank
{
    public static IDatabase Cache(this ApiBank bank) => bank.Service<RedisConnection>().Database;

    public static RedisKey BalanceKey(this ApiMember member) => member.Bank.Service<CacheEpoch>().Current!.Balance(member.AccountId);

    public static RedisKey PageKey(this ApiMember member) => member.Bank.Service<CacheEpoch>().Current!.Page(member.AccountId);

    /// <summary>The version that the cache has; null when it has nothing.</summary>
    public static async Task<long?> CachedVersionAsync(this ApiMember member) =>
        (byte[]?)await member.Bank.Cache().StringGetAsync(member.BalanceKey()) is { } entry ? CacheScripts.ReadHead(entry).Version : null;

    /// <summary>Entries are written behind the answers.</summary>
    public static Task WhenCachedAsync(this ApiMember member, long version) =>
        Eventually.IsTrueAsync(async () => await member.CachedVersionAsync() == version, $"version {version} is in the cache");

    /// <summary>Reads as a client that has seen something before.</summary>
    public static Task<ApiAnswer> ReadsAsync(this ApiMember member, string what, string? seen)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/accounts/{member.AccountId}/{what}");
        if (seen is not null)
        {
            request.Headers.Add(ConsistencyToken.Name, seen);
        }
        return member.SendAsync(request);
    }

    /// <summary>
    /// Changes an account behind everybody's back while <paramref name="look"/> looks: who shows the other balance has asked the database.
    /// </summary>
    public static async Task<T> WhileDatabaseSaysAsync<T>(this ApiMember member, long balance, Func<Task<T>> look)
    {
        var was = await member.Bank.AskAsync<long>($"SELECT balance FROM balances WHERE account_id = '{member.AccountId}'");
        await member.Bank.DoAsync($"UPDATE balances SET balance = {balance} WHERE account_id = '{member.AccountId}'");
        try
        {
            return await look();
        }
        finally
        {
            await member.Bank.DoAsync($"UPDATE balances SET balance = {was} WHERE account_id = '{member.AccountId}'");
            await member.Bank.Cache().KeyDeleteAsync(member.BalanceKey());
        }
    }
}
