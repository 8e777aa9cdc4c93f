using System.Net;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using QuickPay.Edge;
using QuickPay.Edge.Balancing;
using QuickPay.Edge.Surface;
using QuickPay.Sessions;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Tests.Edge.Balancing;

/// <summary>Which server gets a request, and who gets a cookie.</summary>
public sealed class ServerChoiceTests
{
    private readonly DestinationState[] _servers = [new("api-1"), new("api-2"), new("api-3")];

    [Fact]
    public void Without_anything_else_the_one_with_the_least_to_do_gets_it()
    {
        (_servers[0].ConcurrentRequestCount, _servers[1].ConcurrentRequestCount, _servers[2].ConcurrentRequestCount) = (3, 1, 2);

        Assert.Same(_servers[1], Pick(NewChoice(), out _));
    }

    [Fact]
    public void Equals_take_turns()
    {
        var choice = NewChoice();

        var picked = Enumerable.Range(0, 300).CountBy(_ => Pick(choice, out var _)!.DestinationId);

        Assert.All(picked, server => Assert.Equal(100, server.Value));
        Assert.Equal(3, picked.Count());
    }

    [Fact]
    public void A_server_with_all_that_it_may_have_gets_no_more_and_when_all_have_it_is_nobody_s()
    {
        var choice = NewChoice(inFlightMax: 4);
        var session = Guid.Parse("01993f6e-7a10-7c44-8d21-5a0c0e5f9b01");
        var pinned = Pick(choice, out var cookie)!;
        var fittest = Pick(choice, out _, session: session)!;

        (pinned.ConcurrentRequestCount, fittest.ConcurrentRequestCount) = (4, 4);
        Assert.NotSame(pinned, Pick(choice, out _, cookie: cookie));
        Assert.NotSame(fittest, Pick(choice, out _, session: session));

        Array.ForEach(_servers, server => server.ConcurrentRequestCount = 4);
        Assert.Null(Pick(choice, out var none));
        Assert.Null(none);
    }

    [Fact]
    public void Who_has_neither_cookie_nor_session_gets_a_cookie_that_says_nothing_and_stays()
    {
        var choice = NewChoice();
        var first = Pick(choice, out var cookie)!;

        Assert.Matches("^quickpay-server=[0-9a-f]{16}; Path=/; Secure; HttpOnly; SameSite=Strict$", cookie);
        for (var i = 0; i < 10; i++)
        {
            first.ConcurrentRequestCount = i;
            Assert.Same(first, Pick(choice, out var again, cookie: $"a=b; {cookie!.Split(';')[0]}; c=d"));
            Assert.Null(again);
        }
    }

    [Fact]
    public void When_the_server_of_a_cookie_is_gone_another_one_and_its_cookie_take_its_place()
    {
        var choice = NewChoice();
        var first = Pick(choice, out var cookie)!;
        var rest = _servers.Where(server => server != first).ToArray();

        var second = Pick(choice, out var other, servers: rest, cookie: cookie);
        Assert.Contains(second, rest);
        Assert.NotNull(other);
        Assert.NotEqual(cookie, other);
        Assert.Same(second, Pick(choice, out var none, servers: rest, cookie: other));
        Assert.Null(none);
    }

    [Theory]
    [InlineData("quickpay-server=")]
    [InlineData("quickpay-server=127.0.0.1:8081")]
    [InlineData("quickpay-server=0123456789abcdef; quickpay-server=")]
    public void A_made_up_cookie_is_no_error(string cookie) => Assert.NotNull(Pick(NewChoice(), out _, cookie: cookie));

    /// <summary>Clients that keep no cookies do not get one with every answer.</summary>
    [Fact]
    public void A_session_without_a_cookie_stays_with_its_server_and_gets_no_cookie() =>
        Gen.Guid.Sample(session =>
        {
            var one = Pick(NewChoice(), out var cookie, session: session);
            one!.ConcurrentRequestCount = 100;

            Assert.Null(cookie);
            Assert.Same(one, Pick(NewChoice(), out _, session: session));
            Assert.Same(one, Pick(NewChoice(), out _, servers: [.. _servers.Reverse()], session: session));
        });

    [Fact]
    public void When_a_server_goes_only_its_own_sessions_move() =>
        Gen.Guid.Sample(session =>
        {
            var before = Pick(NewChoice(), out _, session: session)!;
            var gone = _servers[^1];
            var after = Pick(NewChoice(), out _, servers: [.. _servers[..^1]], session: session);

            Assert.True(before == after || before == gone);
        });

    [Fact]
    public void Sessions_spread_evenly()
    {
        var choice = NewChoice();
        var random = new Random(1);
        var bytes = new byte[16];
        Guid NextSession()
        {
            random.NextBytes(bytes);
            return new Guid(bytes);
        }

        var shares = Enumerable.Range(0, 9_000).CountBy(_ => Pick(choice, out var _, session: NextSession())!.DestinationId);

        Assert.Equal(3, shares.Count());
        // Six standard deviations are 268.
        Assert.All(shares, share => Assert.InRange(share.Value, 3_000 - 270, 3_000 + 270));
    }

    [Fact]
    public void Documents_and_edges_that_are_told_so_give_no_cookies()
    {
        Pick(NewChoice(), out var document, call: "Description");
        Pick(NewChoice(sticky: false), out var loose);

        Assert.Null(document);
        Assert.Null(loose);
    }

    [Fact]
    public void A_second_try_goes_elsewhere_and_takes_the_cookie_along()
    {
        var choice = NewChoice();
        var (context, request) = NewRequest("LogIn", null, null);
        var first = choice.Pick(context, request, _servers)!;
        context.Response.Clear();

        var second = choice.PickOther(context, request, _servers, first)!;

        Assert.NotSame(first, second);
        Pick(choice, out var none, cookie: context.Response.Headers.SetCookie.Single());
        Assert.Null(none);
        Assert.Null(choice.PickOther(context, request, [first], first));
    }

    private static ServerChoice NewChoice(bool sticky = true, int inFlightMax = 512) =>
        new(Options.Create(new BalancingOptions { Sticky = sticky, InFlightPerServerMax = inFlightMax }));

    private DestinationState? Pick(
        ServerChoice choice,
        out string? setCookie,
        DestinationState[]? servers = null,
        string? cookie = null,
        Guid? session = null,
        string call = "LogIn"
    )
    {
        var (context, request) = NewRequest(call, cookie, session);
        var picked = choice.Pick(context, request, servers ?? _servers);
        setCookie = context.Response.Headers.SetCookie.SingleOrDefault();
        return picked;
    }

    private static (HttpContext, EdgeRequest) NewRequest(string call, string? cookie, Guid? session)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = cookie;
        var request = new EdgeRequest
        {
            Client = IPAddress.Loopback,
            Call = ApiSurface.Named(call),
            Caller = session is { } id ? new Caller(Guid.Empty, id) : null,
        };
        return (context, request);
    }
}
