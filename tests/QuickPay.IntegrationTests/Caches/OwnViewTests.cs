using QuickPay.Caches;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Caches;

/// <summary>
/// Each member's own view never goes back, over several API servers, while everything is done to the cache that can be done to it. Random, and
/// prints its seed.
/// </summary>
[Collection(nameof(Alone))]
public sealed class OwnViewTests(TestServers servers, ThreeZoneRedis zones, ITestOutputHelper output) : IClassFixture<ThreeZoneRedis>
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(6);
    private readonly int _seed = Random.Shared.Next(1_000_000);

    private static CancellationToken Cancellation => ApiBank.Cancellation;

    [Fact]
    public async Task While_writes_get_lost_answers_are_late_and_connections_are_cut()
    {
        output.WriteLine($"seed {_seed}");
        await using var own = await TestServers.StartOwnAsync(Cancellation);
        await using var database = new TestDatabase(own, PostgresServer.DefaultDatabase);
        var random = new Random(_seed);
        await using var first = new RedisProxy(own);
        await using var second = new RedisProxy(own);
        await using var third = new RedisProxy(own);
        List<RedisProxy> proxies = [first, second, third];
        var banks = proxies.Select(proxy => ApiBank.Open(database, ("Redis:Endpoints", proxy.Address))).ToList();
        var members = await MembersAsync(banks);
        proxies.ForEach(proxy => proxy.LosesWrite = () => Random.Shared.Next(2) == 0);

        var views = new MembersViews(banks, members, _seed);
        await views.MeetAsync();
        using var until = new CancellationTokenSource(Long, TimeProvider.System);
        var watching = views.WatchAsync(until.Token);
        await EveryAsync(
            TimeSpan.FromMilliseconds(300),
            async () =>
            {
                var proxy = proxies[random.Next(proxies.Count)];
                switch (random.Next(5))
                {
                    case 0:
                        proxy.Cut();
                        break;
                    case 1:
                        proxy.Delay = TimeSpan.FromMilliseconds(20 + random.Next(200));
                        break;
                    case 2:
                        await own.Redis.KillAsync();
                        await own.Redis.StartAsync(Cancellation);
                        break;
                    default:
                        proxy.Delay = TimeSpan.Zero;
                        break;
                }
            },
            until.Token
        );
        await watching;
        proxies.ForEach(proxy => (proxy.Delay, proxy.LosesWrite) = (TimeSpan.Zero, () => false));
        Assert.True(proxies.Sum(proxy => proxy.LostWrites) > 10, "writes got lost");
        await EndsWellAsync(views, banks);
    }

    [Fact]
    public async Task While_primaries_of_redis_are_killed_and_promoted_and_old_entries_come_back()
    {
        output.WriteLine($"seed {_seed}");
        await using var database = await servers.CreateDatabaseAsync();
        await zones.HealAsync();
        var redis = zones.Redis.Connection(RedisUsers.Api);
        (string, string)[] settings =
        [
            ("Redis:Endpoints", redis.Endpoints),
            ("Redis:SentinelService", redis.SentinelService),
            ("Redis:Password", redis.Password),
            ("Redis:RootCertificate", redis.RootCertificate),
            ("Redis:ReplicasToAwait", "1"),
        ];
        List<ApiBank> banks = [ApiBank.Open(database, settings), ApiBank.Open(database, settings)];
        var members = await MembersAsync(banks);
        var random = new Random(_seed);

        var views = new MembersViews(banks, members, _seed);
        await views.MeetAsync();
        using var until = new CancellationTokenSource(2 * Long, TimeProvider.System);
        var watching = views.WatchAsync(until.Token);
        var liars = Task.WhenAll(
            members.Select(member => EveryAsync(TimeSpan.FromMilliseconds(50), () => PutBackAsync(member), until.Token))
        );
        await EveryAsync(
            TimeSpan.FromSeconds(4),
            async () =>
            {
                await zones.HealAsync();
                var primary = await zones.PrimaryAsync();
                if (random.Next(3) == 0)
                {
                    primary.Process!.TrySignal(Signal.Stop);
                }
                else
                {
                    await primary.KillAsync();
                }
            },
            until.Token
        );
        await Task.WhenAll(watching, liars);
        await zones.HealAsync();
        await EndsWellAsync(views, banks);
    }

    /// <summary>An old entry, where the newer one has been lost.</summary>
    private static async Task PutBackAsync(ApiMember member)
    {
        try
        {
            var old = await member.Bank.Cache().StringGetAsync(member.BalanceKey());
            if (old.IsNull)
            {
                return;
            }
            using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(30), TimeProvider.System);
            await moment.WaitForNextTickAsync(Cancellation);
            await member.Bank.Cache().StringSetAsync(member.BalanceKey(), old, TimeSpan.FromMinutes(5));
        }
        catch (Exception e) when (QuickPay.Redis.RedisConnection.IsUnavailable(e))
        {
            // Then there is nothing to lie with.
        }
    }

    /// <summary>Ends as every story about money does.</summary>
    private async Task EndsWellAsync(MembersViews views, List<ApiBank> banks)
    {
        output.WriteLine($"{views.Reads} answers looked at, {views.Transfers} transfers, {views.Unanswered} asked to try again");
        Assert.Empty(views.Faults);
        // Who would be shown less than they have seen is led to the database, not sent away.
        Assert.InRange(views.Unanswered, 0, views.Reads / 25);
        Assert.True(views.Reads > 200 && views.Transfers > 50, "they were at it");
        var stale = banks[0].Service<StaleBalances>();
        await Eventually.IsTrueAsync(
            async () =>
            {
                try
                {
                    await stale.DropAsync(Cancellation);
                    await views.AllShowWhatIsCommittedAsync();
                    return true;
                }
                catch (Exception e) when (RedisGone(e))
                {
                    return false;
                }
            },
            "all is shown to everybody"
        );
        foreach (var bank in banks)
        {
            await Books.ShouldBalanceAsync(bank.Owner);
            await bank.DisposeAsync();
        }
    }

    private static bool RedisGone(Exception e) => QuickPay.Redis.RedisConnection.IsUnavailable(e) || e is Xunit.Sdk.XunitException;

    private static async Task<List<ApiMember>> MembersAsync(List<ApiBank> banks)
    {
        List<ApiMember> members = [];
        for (var i = 0; i < 6; i++)
        {
            members.Add(await banks[0].JoinAsync(funds: 100_000));
        }
        return members;
    }

    private static async Task EveryAsync(TimeSpan pause, Func<Task> strike, CancellationToken until)
    {
        using var timer = new PeriodicTimer(pause, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(until))
            {
                await strike();
            }
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // Enough.
        }
    }
}
