using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using QuickPay.IntegrationTests.Support;
using Yarp.ReverseProxy;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>Servers come and go without a restart; the edge itself goes without breaking anything off.</summary>
public sealed class ServerListTests
{
    [Fact]
    public async Task A_server_that_is_taken_from_the_list_finishes_what_it_has_begun_and_gets_nothing_new()
    {
        var opened = new TaskCompletionSource();
        await using var leaving = await FakeServer.StartAsync(
            async context =>
            {
                await opened.Task.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync("leaving");
            },
            "leaving"
        );
        await using var staying = await FakeServer.StartAsync(id: "staying");
        await using var edge = await EdgeUnderTest.StartAsync([leaving]);
        using var member = new BalancedClient(edge);
        var begun = member.GetAsync();
        await Eventually.IsTrueAsync(() => leaving.Requests == 1, "it has begun");

        edge.SetServers(staying);
        await Eventually.IsTrueAsync(
            async () => (await HealthTests.ServersAsync(edge)).Single().GetProperty("id").GetString() == "staying",
            "the list is read again"
        );
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("staying", (await member.GetAsync()).Text);
        }
        opened.SetResult();

        Assert.Equal("leaving", (await begun).Text);
        Assert.Equal(1, leaving.Requests);
    }

    [Fact]
    public async Task A_server_that_is_put_on_the_list_gets_its_first_request_after_its_first_good_probe()
    {
        await using var old = await FakeServer.StartAsync(id: "old");
        await using var starting = await FakeServer.StartAsync(id: "starting");
        starting.IsReady = false;
        await using var edge = await EdgeUnderTest.StartAsync([old]);
        using var member = new BalancedClient(edge);

        edge.SetServers(old, starting);
        await Eventually.IsTrueAsync(async () => (await HealthTests.ServersAsync(edge)).Count == 2, "the list is read again");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("old", (await member.GetAsync()).Text);
        }
        Assert.Equal(0, starting.Requests);

        starting.IsReady = true;
        await Eventually.IsTrueAsync(async () => (await member.GetAsync()).Text == "starting", "the new one gets requests");
    }

    [Fact]
    public async Task A_server_whose_address_changes_is_a_new_one()
    {
        await using var before = await FakeServer.StartAsync(id: "moving");
        await using var after = await FakeServer.StartAsync(id: "moving");
        await using var other = await FakeServer.StartAsync(id: "other");
        await using var edge = await EdgeUnderTest.StartAsync([before, other], ("Balancing:ProbeEveryMs", "4000"));
        using var member = new BalancedClient(edge);
        await Eventually.IsTrueAsync(async () => await HealthTests.HealthOfAsync(edge, "moving") == "healthy", "it was probed");
        after.IsReady = false;

        edge.SetServers(after, other);
        await Eventually.IsTrueAsync(
            async () => (await HealthTests.ServersAsync(edge)).Any(server => server.GetProperty("address").GetString() == after.Address),
            "the list is read again"
        );
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("other", (await member.GetAsync()).Text);
        }
        Assert.Equal(0, after.Requests);

        after.IsReady = true;
        await Eventually.IsTrueAsync(async () => (await member.GetAsync()).Text == "moving", "it gets requests at its new address");
        Assert.Equal(0, before.Requests);
    }

    /// <summary>A server that goes out while the list changes: the choice that is made of the old list may be written last.</summary>
    [Fact]
    public async Task A_choice_of_an_old_list_does_not_stay()
    {
        await using var old = await FakeServer.StartAsync(id: "old");
        await using var current = await FakeServer.StartAsync(id: "current");
        await using var edge = await EdgeUnderTest.StartAsync([old]);
        using var member = new BalancedClient(edge);
        Assert.True(edge.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("api", out var cluster));
        var stale = cluster.DestinationsState;
        edge.SetServers(current);
        await Eventually.IsTrueAsync(async () => (await member.GetAsync()).Text == "current", "the list is read again");

        cluster.DestinationsState = stale;

        await Eventually.IsTrueAsync(async () => (await member.GetAsync()).Text == "current", "the old one gets nothing any more");
    }

    [Fact]
    public async Task With_an_empty_list_nothing_is_available_until_there_is_a_server()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync(Array.Empty<FakeServer>());
        using var member = new BalancedClient(edge);

        var none = await member.GetAsync();
        Assert.Equal((503, "unavailable_retry"), (none.Status, none.Code));

        edge.SetServers(server);
        await Eventually.IsTrueAsync(async () => (await member.GetAsync()).Status == 200, "the list is read again");
    }

    [Fact]
    public async Task A_wrong_list_changes_nothing()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = new BalancedClient(edge);
        await File.WriteAllTextAsync(edge.ServersFile, """{"servers": [{"id": "x"}]}""", TestContext.Current.CancellationToken);

        // The edge looks every second.
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        for (var look = 0; look < 3; look++)
        {
            await looks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            Assert.Equal(200, (await member.GetAsync()).Status);
        }
        Assert.Single(await HealthTests.ServersAsync(edge));
    }

    [Fact]
    public async Task An_edge_that_is_told_to_stop_says_so_first_still_serves_and_finishes_what_it_has_begun()
    {
        var opened = new TaskCompletionSource();
        await using var server = await FakeServer.StartAsync(async context =>
        {
            if (context.Request.Method == "POST")
            {
                await opened.Task.WaitAsync(context.RequestAborted);
            }
        });
        await using var edge = await EdgeUnderTest.StartAsync([server], ("Edge:DrainNoticeMs", "1500"));
        using var member = new BalancedClient(edge);
        var begun = member.PostAsync();
        await Eventually.IsTrueAsync(() => server.Requests == 1, "it has begun");

        // As SIGTERM does.
        edge.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var stopping = edge.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, await HealthTests.ReadyAsync(edge));
        Assert.Equal(200, (await member.GetAsync()).Status);
        opened.SetResult();
        await stopping;
        Assert.Equal(200, (await begun).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => member.GetAsync());
    }
}
