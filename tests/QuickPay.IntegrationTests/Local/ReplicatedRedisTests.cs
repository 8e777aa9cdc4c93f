using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Local;

/// <summary>Who is primary outlives every restart, and each user of Redis in three zones may do its own work only.</summary>
public sealed class ReplicatedRedisTests(ThreeZoneRedis zones) : IClassFixture<ThreeZoneRedis>, IAsyncLifetime
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await zones.HealAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task After_a_promotion_a_start_of_everything_keeps_the_primary_and_what_was_written_last()
    {
        var first = await zones.PrimaryAsync();
        await first.KillAsync();
        await Eventually.IsTrueAsync(async () => await zones.PrimaryAsync() != first, "a replica is promoted");
        var second = await zones.PrimaryAsync();
        await first.StartAsync(Cancellation);
        await zones.Redis.WhenCompleteAsync(Cancellation);
        await WriteAsync(second, "killed");

        // The power fails.
        await Task.WhenAll(zones.Redis.Servers.Select(server => server.KillAsync()));
        await Task.WhenAll(zones.Redis.Sentinels.Select(KillAsync));
        await zones.Redis.StartAsync(Cancellation);
        await HasEverywhereAsync(zones.Redis, second.Name, "killed");
        await WriteAsync(second, "stopped");

        // The ports are others.
        await zones.Redis.StopAsync();
        var moved = zones.OnNewPorts();
        await moved.StartAsync(Cancellation);
        try
        {
            await HasEverywhereAsync(moved, second.Name, "stopped");
        }
        finally
        {
            await moved.StopAsync();
            await zones.Redis.StartAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Each_user_of_replication_may_do_its_own_work_only()
    {
        var server = zones.Redis.Servers[0];
        foreach (
            var (user, command) in new[]
            {
                (RedisUsers.Replica, "GET qp:v1:session:1"),
                (RedisUsers.Replica, "CONFIG GET *"),
                (RedisUsers.Replica, "REPLICAOF NO ONE"),
                (RedisUsers.Sentinel, "GET qp:v1:session:1"),
                (RedisUsers.Sentinel, "CONFIG GET *"),
                (RedisUsers.Sentinel, "PUBLISH qp:any 1"),
                (RedisUsers.Api, "REPLICAOF NO ONE"),
                (RedisUsers.Edge, "REPLICAOF NO ONE"),
            }
        )
        {
            var answer = await RedisProbe.TryAskAsync(server.Connection(user), command, Cancellation);
            Assert.StartsWith("-NOPERM", answer, StringComparison.Ordinal);
        }
        await ForgetDenialsAsync(server.Connection(RedisUsers.Admin));
    }

    [Fact]
    public async Task At_a_sentinel_hosts_may_ask_who_is_primary_and_sentinels_may_vote()
    {
        var sentinel = zones.Redis.Sentinels[0];
        foreach (
            var (user, command) in new[]
            {
                (RedisUsers.Api, $"SENTINEL FAILOVER {ReplicatedRedis.Service}"),
                (RedisUsers.Edge, $"SENTINEL REMOVE {ReplicatedRedis.Service}"),
                (RedisUsers.Api, "SENTINEL CONFIG GET *"),
                (RedisUsers.Peer, $"SENTINEL SET {ReplicatedRedis.Service} quorum 1"),
                (RedisUsers.Peer, "ACL LIST"),
            }
        )
        {
            var answer = await RedisProbe.TryAskAsync(sentinel.Connection(user), command, Cancellation);
            Assert.StartsWith("-NOPERM", answer, StringComparison.Ordinal);
        }
        foreach (var user in (string[])[RedisUsers.Api, RedisUsers.Edge])
        {
            var answer = await RedisProbe.TryAskAsync(
                sentinel.Connection(user),
                $"SENTINEL GET-MASTER-ADDR-BY-NAME {ReplicatedRedis.Service}",
                Cancellation
            );
            Assert.Contains(zones.Redis.Servers, server => server.Address == answer!.Replace(' ', ':'));
        }
        await ForgetDenialsAsync(sentinel.Connection(RedisUsers.Admin));
        var stranger = sentinel.Connection(RedisUsers.Api) with { Username = "default", Password = "x" };
        Assert.Null(await RedisProbe.TryAskAsync(stranger, "PING", Cancellation));
    }

    /// <summary>Nobody was refused what it needs: Redis notes each refusal.</summary>
    [Fact]
    public async Task No_server_and_no_sentinel_was_denied_anything()
    {
        foreach (var sentinel in zones.Redis.Sentinels)
        {
            Assert.DoesNotContain("NOPERM", await File.ReadAllTextAsync(sentinel.LogFile, Cancellation), StringComparison.Ordinal);
        }
        foreach (var connection in Everyone())
        {
            var denied = await RedisProbe.TryAskAsync(connection, "ACL LOG", Cancellation);
            Assert.DoesNotContain(RedisUsers.Sentinel, denied, StringComparison.Ordinal);
            Assert.DoesNotContain(RedisUsers.Peer, denied, StringComparison.Ordinal);
            Assert.DoesNotContain(RedisUsers.Replica, denied, StringComparison.Ordinal);
        }
    }

    /// <summary>What was denied on purpose is not what another test looks for.</summary>
    private static async Task ForgetDenialsAsync(RedisConnection admin) =>
        Assert.EndsWith("OK", await RedisProbe.TryAskAsync(admin, "ACL LOG RESET", Cancellation), StringComparison.Ordinal);

    private IEnumerable<RedisConnection> Everyone() =>
        zones
            .Redis.Servers.Select(server => server.Connection(RedisUsers.Admin))
            .Concat(zones.Redis.Sentinels.Select(sentinel => sentinel.Connection(RedisUsers.Admin)));

    private static async Task WriteAsync(RedisServer server, string key)
    {
        var answers = await RedisProbe.AskAsync(
            server.Connection(RedisUsers.Admin),
            [RedisProbe.LogIn(server.Connection(RedisUsers.Admin)), $"SET {key} 1", "WAIT 2 5000"],
            Cancellation
        );
        Assert.Equal(["+OK", "+OK", ":2"], answers);
    }

    private static async Task HasEverywhereAsync(ReplicatedRedis redis, string primary, string key)
    {
        Assert.Equal(primary, (await redis.FindPrimaryAsync(Cancellation))?.Name);
        foreach (var server in redis.Servers)
        {
            Assert.Equal("1", await RedisProbe.TryAskAsync(server.Connection(RedisUsers.Admin), $"GET {key}", Cancellation));
        }
    }

    private static async Task KillAsync(SentinelServer sentinel)
    {
        sentinel.Process!.TrySignal(Signal.Kill);
        await sentinel.Process.Exited;
    }
}
