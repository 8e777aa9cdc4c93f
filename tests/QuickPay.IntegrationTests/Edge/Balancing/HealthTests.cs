using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using QuickPay.IntegrationTests.Support;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>How servers go out and come back.</summary>
public sealed class HealthTests
{
    /// <summary>What is promised: out within 3 s, back within 3 s.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_server_that_says_it_is_not_ready_is_out_within_3_seconds_and_back_within_3()
    {
        await using var one = await FakeServer.StartAsync(id: "api-1");
        await using var two = await FakeServer.StartAsync(id: "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([one, two]);

        one.IsReady = false;
        await WithinAsync(async () => await HealthOfAsync(edge, "api-1") == "unhealthy", "it is out");
        using var member = new BalancedClient(edge);
        var before = one.Requests;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("api-2", (await member.GetAsync()).Text);
        }
        Assert.Equal(before, one.Requests);

        one.IsReady = true;
        await WithinAsync(async () => await HealthOfAsync(edge, "api-1") == "healthy", "it is back");
        await WithinAsync(async () => (await member.GetAsync()).Text == "api-1", "it gets requests");
    }

    [Fact]
    public async Task Each_change_is_counted_once_however_many_find_out()
    {
        using var changes = new Counted("quickpay.edge.server.changes");
        var server = await FakeServer.StartAsync(id: "counted");
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = new BalancedClient(edge);

        await server.DisposeAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => member.GetAsync()));

        Assert.Equal(["server=counted state=in", "server=counted state=out"], changes.With("server=counted"));
    }

    [Fact]
    public async Task A_server_that_comes_back_at_its_address_is_back_within_3_seconds()
    {
        var one = await FakeServer.StartAsync(id: "api-1");
        await using var edge = await EdgeUnderTest.StartAsync([one]);
        using var member = new BalancedClient(edge);
        var port = new Uri(one.Address).Port;
        await one.DisposeAsync();
        await WithinAsync(async () => await HealthOfAsync(edge, "api-1") == "unhealthy", "it is out");

        await using var again = await FakeServer.StartAsync(id: "api-1", port: port);
        await WithinAsync(async () => (await member.GetAsync()).Status == 200, "it is back");
    }

    /// <summary>A request breaks off: the server is asked at once, and is out only as long as it does not answer.</summary>
    [Fact]
    public async Task A_server_that_stumbled_over_one_request_is_back_before_the_next_round_of_probes()
    {
        using var changes = new Counted("quickpay.edge.server.changes");
        await using var server = await FakeServer.StartAsync(
            context =>
            {
                if (context.Request.Method == "DELETE")
                {
                    context.Abort();
                }
                return Task.CompletedTask;
            },
            "stumbles"
        );
        await using var edge = await EdgeUnderTest.StartAsync([server], ("Balancing:ProbeEveryMs", "60000"));
        using var member = new BalancedClient(edge);

        Assert.Equal(503, (await member.DeleteAsync("/v1/sessions/current")).Status);

        await WithinAsync(async () => (await member.GetAsync()).Status == 200, "it is back");
        Assert.Equal(
            ["server=stumbles state=in", "server=stumbles state=out", "server=stumbles state=in"],
            changes.With("server=stumbles")
        );
    }

    [Fact]
    public async Task A_server_that_a_connection_failed_at_is_out_without_a_probe()
    {
        var one = await FakeServer.StartAsync(id: "api-1");
        await using var two = await FakeServer.StartAsync(id: "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([one, two], ("Balancing:ProbeEveryMs", "60000"));
        using var member = new BalancedClient(edge);
        await one.DisposeAsync();

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("api-2", (await member.GetAsync()).Text);
        }

        Assert.Equal("unhealthy", await HealthOfAsync(edge, "api-1"));
    }

    /// <summary>It takes connections and says nothing. One silence may be chance; after two it is out.</summary>
    [Fact]
    public async Task A_server_that_hangs_is_out_after_two_probes()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        await using var two = await FakeServer.StartAsync(id: "api-2");
        await using var edge = await EdgeUnderTest.StartAsync(
            [("mute", $"http://{mute.LocalEndpoint}"), ("api-2", two.Address)],
            ("Balancing:ProbeTimeoutMs", "100"),
            // Long enough that a busy machine looks before the second one.
            ("Balancing:ProbeEveryMs", "2000")
        );

        // The first probe was before the start.
        Assert.Equal("unknown", await HealthOfAsync(edge, "mute"));
        await WithinAsync(async () => await HealthOfAsync(edge, "mute") == "unhealthy", "it is out");
    }

    [Fact]
    public async Task When_all_are_out_members_are_told_to_come_back_and_no_server_is_bothered()
    {
        await using var one = await FakeServer.StartAsync(id: "api-1");
        await using var two = await FakeServer.StartAsync(id: "api-2");
        (one.IsReady, two.IsReady) = (false, false);
        await using var edge = await EdgeUnderTest.StartAsync([one, two]);
        using var member = new BalancedClient(edge);

        var answer = await member.PostAsync(key: "key-1");

        Assert.Equal((503, "unavailable_retry"), (answer.Status, answer.Code));
        Assert.NotNull(answer.RetryAfter);
        Assert.Equal(0, one.Requests + two.Requests);
    }

    /// <summary>It is the machine or the network that is slow: to turn members away would make an outage of it.</summary>
    [Fact]
    public async Task When_all_fall_silent_they_are_still_tried_and_none_once_one_answers()
    {
        await using var one = await FakeServer.StartAsync(id: "api-1");
        await using var two = await FakeServer.StartAsync(id: "api-2");
        await using var edge = await EdgeUnderTest.StartAsync(
            [one, two],
            ("Balancing:ProbeTimeoutMs", "300"),
            ("Balancing:ProbeEveryMs", "500")
        );
        using var member = new BalancedClient(edge);

        (one.IsSilent, two.IsSilent) = (true, true);
        foreach (var id in (string[])["api-1", "api-2"])
        {
            await Eventually.IsTrueAsync(async () => await HealthOfAsync(edge, id) == "unhealthy", $"{id} is out");
        }
        Assert.NotEqual((await member.GetAsync()).Text, (await member.GetAsync()).Text);

        two.IsSilent = false;
        await Eventually.IsTrueAsync(async () => await HealthOfAsync(edge, "api-2") == "healthy", "one answers");
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("api-2", (await member.GetAsync()).Text);
        }
    }

    [Fact]
    public async Task The_edge_is_ready_while_a_server_is()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);

        Assert.Equal(HttpStatusCode.OK, await ReadyAsync(edge));
        server.IsReady = false;
        await WithinAsync(async () => await ReadyAsync(edge) == HttpStatusCode.ServiceUnavailable, "the edge is not ready");
    }

    [Fact]
    public async Task The_servers_page_says_who_is_there_and_how_much_it_does_to_the_inside_alone()
    {
        var opened = new TaskCompletionSource();
        await using var server = await FakeServer.StartAsync(async context => await opened.Task.WaitAsync(context.RequestAborted));
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = new BalancedClient(edge);
        var waiting = member.GetAsync();
        await Eventually.IsTrueAsync(() => server.Requests == 1, "one is in flight");

        var page = (await ServersAsync(edge)).Single();
        opened.SetResult();
        await waiting;

        Assert.Equal(
            ("api-1", server.Address, "healthy", 1),
            (
                page.GetProperty("id").GetString(),
                page.GetProperty("address").GetString(),
                page.GetProperty("health").GetString(),
                page.GetProperty("inFlight").GetInt32()
            )
        );
        Assert.Equal(404, (await member.GetAsync("/servers")).Status);
    }

    internal static async Task<string?> HealthOfAsync(EdgeUnderTest edge, string id) =>
        (await ServersAsync(edge)).Single(server => server.GetProperty("id").GetString() == id).GetProperty("health").GetString();

    internal static async Task<IReadOnlyList<JsonElement>> ServersAsync(EdgeUnderTest edge)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = edge.Internal };
        var page = JsonSerializer.Deserialize<JsonElement>(
            await http.GetStringAsync(new Uri("/servers", UriKind.Relative), TestContext.Current.CancellationToken)
        );
        return [.. page.GetProperty("servers").EnumerateArray()];
    }

    internal static async Task<HttpStatusCode> ReadyAsync(EdgeUnderTest edge)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = edge.Internal };
        using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task WithinAsync(Func<Task<bool>> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.IsTrueAsync(condition, what);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Promised);
    }
}
