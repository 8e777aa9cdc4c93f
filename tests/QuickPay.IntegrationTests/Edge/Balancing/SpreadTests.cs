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
