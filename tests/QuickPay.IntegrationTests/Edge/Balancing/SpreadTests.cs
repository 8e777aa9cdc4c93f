using System.Net;
using Microsoft.AspNetCore.Http;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>Who gets how much, and who stays where.</summary>
public sealed class SpreadTests
{
    [Fact]
    public async Task A_slow_server_gets_less_than_a_fast_one()
    {
        var opened = new TaskCompletionSource();
        await using var slow = await FakeServer.StartAsync(async context => await opened.Task.WaitAsync(context.RequestAborted), "slow");
        await using var fast = await FakeServer.StartAsync(id: "fast");
        await using var edge = await EdgeUnderTest.StartAsync([slow, fast], ("Balancing:Sticky", "false"));
        using var member = new BalancedClient(edge);

        // Turns alone would give each 50.
        var waiting = new List<Task<ApiAnswer>>();
        for (var i = 0; i < 100; i++)
        {
            var answer = member.GetAsync();
            await Eventually.IsTrueAsync(
                () => slow.Requests + fast.Requests > i && (answer.IsCompleted || slow.Requests > waiting.Count),
                "it arrives"
            );
            if (!answer.IsCompleted)
            {
                waiting.Add(answer);
            }
        }
        opened.SetResult();
        await Task.WhenAll(waiting);

        Assert.Equal(1, slow.Requests);
        Assert.Equal(99, fast.Requests);
    }

    [Fact]
    public async Task A_member_with_a_cookie_stays_until_the_server_goes_and_then_moves_without_an_error()
    {
        await using var one = await FakeServer.StartAsync(id: "api-1");
        await using var two = await FakeServer.StartAsync(id: "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([one, two]);
        using var member = new BalancedClient(edge);

        var first = await member.PostAsync("/v1/sessions");
        var cookie = first.Headers("Set-Cookie").Single().Split(';')[0];
        for (var i = 0; i < 5; i++)
        {
            var again = await member.GetAsync(headers: ("Cookie", cookie));
            Assert.Equal(first.Text, again.Text);
            Assert.Empty(again.Headers("Set-Cookie"));
        }

        await (first.Text == "api-1" ? one : two).DisposeAsync();
        var moved = await member.GetAsync(headers: ("Cookie", cookie));
        Assert.Equal((200, first.Text == "api-1" ? "api-2" : "api-1"), (moved.Status, moved.Text));
        Assert.NotEqual(cookie, moved.Headers("Set-Cookie").Single().Split(';')[0]);
    }

    [Fact]
    public async Task A_document_that_caches_may_keep_has_no_cookie()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = new BalancedClient(edge);

        Assert.Empty((await member.GetAsync("/.well-known/jwks.json")).Headers("Set-Cookie"));
        Assert.Single((await member.GetAsync("/v1/accounts")).Headers("Set-Cookie"));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task One_address_does_not_hold_all_places_of_a_server_and_gets_back_what_it_gives_up(string version)
    {
        var opened = new TaskCompletionSource();
        await using var server = await FakeServer.StartAsync(async context => await opened.Task.WaitAsync(context.RequestAborted));
        await using var edge = await EdgeUnderTest.StartAsync([server], ("Balancing:InFlightPerClientMax", "2"));
        using var greedy = new BalancedClient(edge, Version.Parse(version), IPAddress.Parse("127.0.0.2"));
        using var other = new BalancedClient(edge, from: IPAddress.Parse("127.0.0.3"));
        using var leaving = new CancellationTokenSource();
        Task[] given = [greedy.GetUntilAsync(leaving.Token), greedy.GetUntilAsync(leaving.Token)];
        await Eventually.IsTrueAsync(() => server.Requests == 2, "two are in flight");

        var refused = await greedy.GetAsync();
        var unharmed = other.GetAsync();
        await Eventually.IsTrueAsync(() => server.Requests == 3, "another address is served");

        Assert.Equal((429, "rate_limited", "in-flight", 1), (refused.Status, refused.Code, refused.Word("limit"), refused.RetryAfter));
        Assert.Equal(3, server.Requests);

        await leaving.CancelAsync();
        await Task.WhenAll(given);
        opened.SetResult();
        Assert.Equal(200, (await unharmed).Status);
        await Eventually.IsTrueAsync(async () => (await greedy.GetAsync()).Status == 200, "what was given up counts no more");
    }

    [Fact]
    public async Task When_all_servers_have_all_that_they_may_have_more_is_refused()
    {
        var opened = new TaskCompletionSource();
        await using var server = await FakeServer.StartAsync(async context => await opened.Task.WaitAsync(context.RequestAborted));
        await using var edge = await EdgeUnderTest.StartAsync([server], ("Balancing:InFlightPerServerMax", "2"));
        using var member = new BalancedClient(edge);
        Task<ApiAnswer>[] waiting = [member.GetAsync(), member.GetAsync()];
        await Eventually.IsTrueAsync(() => server.Requests == 2, "two are in flight");

        var refused = await member.GetAsync();
        opened.SetResult();

        Assert.Equal((503, "overloaded"), (refused.Status, refused.Code));
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(200, answer.Status));
        Assert.Equal(200, (await member.GetAsync()).Status);
    }
}
