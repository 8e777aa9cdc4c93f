using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using QuickPay.Cli.Local;
using QuickPay.Edge.Limits;
using QuickPay.IntegrationTests.Support;
using StackExchange.Redis;

namespace QuickPay.IntegrationTests.Edge.Limits;

/// <summary>Rate limits and a Redis that dies, comes back, and gives edges no more rights than they need.</summary>
public sealed class RedisFaultTests(OwnServers own) : IClassFixture<OwnServers>
{
    private static readonly UInt128 Someone = SubjectIds.OfAddress(IPAddress.Parse("127.7.7.7"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_redis_is_killed_limits_hold_per_edge_nobody_gets_an_error_and_edges_share_again_when_it_is_back()
    {
        await using var redis = new SharedRedis(own.Servers);
        await using var server = await FakeServer.StartAsync(context => context.Response.WriteAsync("in"));
        await using var one = await EdgeUnderTest.StartAsync([server], redis.Settings);
        await using var other = await EdgeUnderTest.StartAsync([server], redis.Settings);
        using var member = one.Client(IPAddress.Parse("127.5.0.1"));
        using var atTheOther = other.Client(IPAddress.Parse("127.5.0.1"));
        Assert.Equal((6, 0), await LogInsAsync(member, 6));

        await own.Servers.Redis.KillAsync();

        // What the edge itself let through stays counted; the other edge knows of nothing and counts for itself.
        Assert.Equal((4, 6), await LogInsAsync(member, 10));
        Assert.Equal((10, 10), await LogInsAsync(atTheOther, 20));
        await using var born = await EdgeUnderTest.StartAsync([server], redis.Settings);
        using var atTheThird = born.Client(IPAddress.Parse("127.5.0.1"));
        Assert.Equal((10, 2), await LogInsAsync(atTheThird, 12));

        await own.Servers.Redis.StartAsync(Cancellation);
        await Eventually.IsTrueAsync(() => IsShared(one) && IsShared(other) && IsShared(born), "all edges ask Redis again");
        using var late = one.Client(IPAddress.Parse("127.5.0.2"));
        using var lateAtTheOther = other.Client(IPAddress.Parse("127.5.0.2"));
        Assert.Equal((10, 2), await LogInsAsync(late, 12));
        Assert.Equal((0, 3), await LogInsAsync(lateAtTheOther, 3));
    }

    [Fact]
    public async Task An_edge_with_redis_and_no_key_for_hashes_does_not_start()
    {
        await using var redis = new SharedRedis(own.Servers);
        await using var server = await FakeServer.StartAsync();

        var mistake = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            EdgeUnderTest.StartAsync([server], [.. redis.Settings.Where(setting => setting.Name != "RateLimits:HashKeyFile")])
        );

        Assert.Contains("HashKeyFile is required with Redis", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redis_that_hangs_is_waited_for_once()
    {
        await using var redis = new SharedRedis(own.Servers);
        await using var server = await FakeServer.StartAsync(context => context.Response.WriteAsync("in"));
        await using var edge = await EdgeUnderTest.StartAsync([server], [.. redis.Settings, ("RateLimits:RedisTimeoutMs", "100")]);
        using var member = edge.Client(IPAddress.Parse("127.5.0.3"));
        Assert.Equal((1, 0), await LogInsAsync(member, 1));

        Assert.True(own.Servers.Redis.Process!.TrySignal(Signal.Stop));
        try
        {
            Assert.Equal((9, 91), await LogInsAsync(member, 100));
            Assert.False(IsShared(edge));
        }
        finally
        {
            own.Servers.Redis.Process!.TrySignal(Signal.Continue);
        }
        await Eventually.IsTrueAsync(() => IsShared(edge), "the edge asks Redis again");
    }

    [Fact]
    public async Task An_edge_may_touch_nothing_but_the_logs_of_leases()
    {
        await using var redis = await ConnectAsync(RedisUsers.Edge);
        var database = redis.GetDatabase();
        Assert.Equal(1, (int)await database.ScriptEvaluateAsync("return redis.call('RPUSH', KEYS[1], 1)", ["rate:v1:trial"]));

        await RefusedAsync(() => database.StringGetAsync("qp:v1:session:1"));
        await RefusedAsync(() => database.StringGetAsync("rate:v1:trial"));
        await RefusedAsync(() => database.ExecuteAsync("LLEN", "qp:v1:session:1"));
        await RefusedAsync(() => database.ExecuteAsync("FLUSHALL"));
        await RefusedAsync(() => database.ExecuteAsync("KEYS", "*"));
        await RefusedAsync(() => database.ExecuteAsync("SCAN", "0"));
        await RefusedAsync(() => database.ExecuteAsync("CONFIG", "GET", "*"));
        await RefusedAsync(() => database.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal"));
        await RefusedAsync(() => database.ExecuteAsync("PUBLISH", "qp:any", "1"));
        await Assert.ThrowsAsync<RedisServerException>(() =>
            database.ScriptEvaluateAsync("return redis.call('GET', KEYS[1])", ["qp:v1:session:1"])
        );

        static async Task RefusedAsync(Func<Task> command) =>
            Assert.StartsWith("NOPERM", (await Assert.ThrowsAsync<RedisServerException>(command)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leases_are_never_written_to_the_disk_that_sessions_wait_for()
    {
        await using var redis = new SharedRedis(own.Servers);
        var limits = await redis.ConnectAsync();
        await using var admin = await ConnectAsync(RedisUsers.Admin);
        var before = await AppendOnlyBytesAsync(admin);

        for (var i = 0; i < 100; i++)
        {
            Assert.True((await limits.LoginAddress.TakeAsync(Someone + (UInt128)i)).IsAllowed);
        }

        Assert.Equal(before, await AppendOnlyBytesAsync(admin));
        await admin.GetDatabase().StringSetAsync("qp:v1:written", "1");
        Assert.True(await AppendOnlyBytesAsync(admin) > before);
    }

    private static bool IsShared(EdgeUnderTest edge) =>
        edge.Services.GetRequiredService<ILeases>().AreShared(TimeProvider.System.GetTimestamp());

    /// <summary>Each with another phone number: the address alone counts. How many came through, how many got 429; nothing else may happen.</summary>
    private static async Task<(int In, int Refused)> LogInsAsync(HttpClient client, int count)
    {
        var answers = new Dictionary<HttpStatusCode, int>();
        for (var i = 0; i < count; i++)
        {
            var phone = string.Create(CultureInfo.InvariantCulture, $"010{i:D8}");
            using var answer = await client.PostAsJsonAsync("/v1/sessions", new { phone, password = "x" }, Cancellation);
            answers[answer.StatusCode] = answers.GetValueOrDefault(answer.StatusCode) + 1;
        }
        var (passed, refused) = (answers.GetValueOrDefault(HttpStatusCode.OK), answers.GetValueOrDefault(HttpStatusCode.TooManyRequests));
        Assert.Equal(count, passed + refused);
        return (passed, refused);
    }

    private static async Task<long> AppendOnlyBytesAsync(ConnectionMultiplexer admin)
    {
        var info = (string)(await admin.GetDatabase().ExecuteAsync("INFO", "persistence"))!;
        var line = info.Split('\n').Single(line => line.StartsWith("aof_current_size:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1].Trim(), CultureInfo.InvariantCulture);
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(string user)
    {
        var redis = own.Servers.Redis.Connection(user);
        var options = new ConfigurationOptions
        {
            EndPoints = { redis.Endpoints },
            User = redis.Username,
            Password = redis.Password,
            Ssl = true,
            AllowAdmin = true,
        };
        options.TrustIssuer(redis.RootCertificate);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
