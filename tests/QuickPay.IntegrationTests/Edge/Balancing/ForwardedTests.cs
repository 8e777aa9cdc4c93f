using System.Text.Json;
using Microsoft.AspNetCore.Http;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>What a server learns about where a request comes from, and what a member learns about servers.</summary>
public sealed class ForwardedTests
{
    [Fact]
    public async Task A_server_gets_the_edge_s_word_and_none_of_the_client_s()
    {
        await using var server = await FakeServer.StartAsync(context =>
            context.Response.WriteAsJsonAsync(
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.Ordinal)
            )
        );
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = new BalancedClient(edge);

        var answer = await member.GetAsync(
            headers:
            [
                ("X-Forwarded-For", "203.0.113.7"),
                ("X-Forwarded-Proto", "http"),
                ("X-Forwarded-Host", "evil.example"),
                ("X-Forwarded-Prefix", "/admin"),
                ("X-Forwarded-Anything", "x"),
                ("Forwarded", "for=203.0.113.7"),
                ("X-Real-IP", "203.0.113.7"),
                ("Via", "1.1 evil.example"),
                ("True-Client-IP", "203.0.113.7"),
                ("X-Original-For", "203.0.113.7"),
                ("X-Original-Host", "evil.example"),
                ("X-Original-Proto", "http"),
                ("X-Request-Id", "mine"),
                ("Expect", "100-continue"),
                ("Connection", "X-Private"),
                ("X-Private", "for the edge alone"),
                ("Keep-Alive", "timeout=5"),
                ("X-Own", "kept"),
            ]
        );

        var headers = new Dictionary<string, string>(
            answer.Json.Deserialize<Dictionary<string, string>>()!,
            StringComparer.OrdinalIgnoreCase
        );
        var id = answer.Headers("X-Request-Id").Single();
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.Equal("https", headers["X-Forwarded-Proto"]);
        Assert.Equal(edge.Https.Authority, headers["X-Forwarded-Host"]);
        Assert.Equal(id, headers["X-Request-Id"]);
        Assert.Equal(id, headers["traceparent"].Split('-')[1]);
        Assert.Equal("1.1 quickpay-edge", headers["Via"]);
        Assert.Equal("kept", headers["X-Own"]);
        Assert.Equal(new Uri(server.Address).Authority, headers["Host"]);
        Assert.DoesNotContain(headers.Keys, name => name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase));
        foreach (
            var gone in (string[])
                [
                    "X-Forwarded-Prefix",
                    "X-Forwarded-Anything",
                    "Forwarded",
                    "X-Real-IP",
                    "True-Client-IP",
                    "Expect",
                    "Connection",
                    "X-Private",
                    "Keep-Alive",
                ]
        )
        {
            Assert.DoesNotContain(gone, headers.Keys);
        }
    }

    [Fact]
    public async Task A_member_learns_nothing_about_servers()
    {
        await using var server = await FakeServer.StartAsync(context =>
        {
            var headers = context.Response.Headers;
            (headers.Server, headers.Via, headers["X-Powered-By"], headers["X-Request-Id"]) = ("kestrel", "1.1 x", "y", "theirs");
            headers["Keep-Alive"] = "timeout=9";
            return context.Response.WriteAsJsonAsync("ok");
        });
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = new BalancedClient(edge);

        var answer = await member.GetAsync();

        foreach (var name in (string[])["Server", "Via", "X-Powered-By", "Keep-Alive"])
        {
            Assert.Empty(answer.Headers(name));
        }
        Assert.NotEqual("theirs", answer.Headers("X-Request-Id").Single());
    }
}
