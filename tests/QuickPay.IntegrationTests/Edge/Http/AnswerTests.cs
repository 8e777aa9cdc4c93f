using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>What every answer says, and what an API server is told of a request.</summary>
public sealed class AnswerTests
{
    private const string Public = "pay.example";
    private static readonly (string, string) Hosts = ("Edge:HostNames", $"{Public},localhost");

    [Theory]
    [InlineData("GET", "/v1/accounts", 200)]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("PUT", "/v1/transfers", 405)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/v1/accounts?%", 400)]
    [InlineData("DELETE", "/v1/sessions/current", 500)]
    public async Task Every_answer_says_what_browsers_may_do_with_it(string method, string path, int status)
    {
        await using var server = await FakeServer.StartAsync(context =>
        {
            context.Response.Headers.Server = "secret/1.0";
            context.Response.Headers["X-Request-Id"] = "the server's";
            context.Response.Headers.XContentTypeOptions = "none";
            context.Response.StatusCode = context.Request.Method == "DELETE" ? 500 : 200;
            return Task.CompletedTask;
        });
        await using var edge = await EdgeUnderTest.StartAsync([server], Hosts);
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync($"{method} {path} HTTP/1.1\r\nHost: {Public}\r\n\r\n");

        Assert.NotNull(answer);
        Assert.Equal(status, answer.Status);
        Assert.Equal("max-age=63072000", answer["Strict-Transport-Security"]);
        Assert.Equal("nosniff", answer["X-Content-Type-Options"]);
        Assert.Equal("DENY", answer["X-Frame-Options"]);
        Assert.Equal("no-referrer", answer["Referrer-Policy"]);
        Assert.Equal("same-origin", answer["Cross-Origin-Resource-Policy"]);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer["Content-Security-Policy"]);
        Assert.Matches("^[0-9a-f]{32}$", answer["X-Request-Id"]);
        Assert.Null(answer["Server"]);
        if (path.StartsWith("/v1", StringComparison.Ordinal))
        {
            Assert.Equal("no-store", answer["Cache-Control"]);
        }
    }

    [Fact]
    public async Task What_the_API_says_of_pages_and_caches_stays()
    {
        await using var server = await FakeServer.StartAsync(context =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'";
            context.Response.Headers.CacheControl = "max-age=60";
            return Task.CompletedTask;
        });
        await using var edge = await EdgeUnderTest.StartAsync([server], Hosts, ("Edge:HstsSubDomains", "true"));
        await using var connection = await RawConnection.OpenAsync(edge);

        var page = await connection.AskAsync($"GET /docs HTTP/1.1\r\nHost: {Public}\r\n\r\n");
        var local = await connection.AskAsync("GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.Equal("default-src 'self'", page?["Content-Security-Policy"]);
        Assert.Equal("max-age=63072000; includeSubDomains", page?["Strict-Transport-Security"]);
        Assert.Equal("max-age=60", local?["Cache-Control"]);
        Assert.Null(local?["Strict-Transport-Security"]);
    }

    [Fact]
    public async Task Traces_begin_at_the_edge_whatever_strangers_send()
    {
        const string Strange = "0123456789abcdef0123456789abcdef";
        await using var server = new RecordingServer();
        await using var edge = await EdgeUnderTest.StartAsync([], server.Setting, ("Edge:TrustedProxies", "127.0.0.1/32"));
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync(
            $"GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\ntraceparent: 00-{Strange}-0123456789abcdef-01\r\ntracestate: a=b\r\n"
                + $"baggage: member=1\r\nX-Request-Id: {Strange}\r\nRequest-Id: |{Strange}.\r\nCorrelation-Context: a=b\r\n\r\n"
        );

        var request = Assert.Single(server.Requests);
        RecordedEdge.ShouldBeWellFormed(request);
        Assert.DoesNotContain(Strange, request.Head);
        Assert.Equal(Assert.Single(request.Values("X-Request-Id")), answer?["X-Request-Id"]);
        Assert.NotEqual(Strange, answer?["X-Request-Id"]);
    }

    [Fact]
    public async Task Each_request_has_an_id_of_its_own_and_problems_name_it()
    {
        await using var edge = await EdgeUnderTest.StartAsync([]);
        using var member = edge.Client();
        HashSet<string> ids = [];

        for (var i = 0; i < 3; i++)
        {
            using var answer = await member.GetAsync("/nothing", TestContext.Current.CancellationToken);
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            var id = Assert.Single(answer.Headers.GetValues("X-Request-Id"));
            Assert.Equal(id, problem.RootElement.GetProperty("traceId").GetString());
            ids.Add(id);
        }

        Assert.Equal(3, ids.Count);
    }

    [Theory]
    [InlineData("", "203.0.113.9", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "203.0.113.9", "127.0.0.1")]
    [InlineData("127.0.0.1/32", "1.2.3.4, 203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.1/32", "2001:db8::7", "2001:db8::7")]
    public async Task API_servers_are_told_the_client_that_is_believed(string trusted, string forwarded, string told)
    {
        await using var server = new RecordingServer();
        await using var edge = await EdgeUnderTest.StartAsync([], server.Setting, ("Edge:TrustedProxies", trusted));
        await using var connection = await RawConnection.OpenAsync(edge);

        await connection.AskAsync(
            $"GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {forwarded}\r\nForwarded: for=9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\n\r\n"
        );

        var request = Assert.Single(server.Requests);
        Assert.Equal([told], request.Values("X-Forwarded-For"));
        Assert.DoesNotContain("9.9.9.9", request.Head);
    }

    [Fact]
    public async Task Pages_of_named_origins_may_call_and_others_learn_nothing()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server], ("Edge:CorsOrigins", "https://app.example,https://other.example"));
        using var browser = edge.Client();

        using var asked = await browser.SendAsync(Preflight("https://app.example"), TestContext.Current.CancellationToken);
        using var refused = await browser.SendAsync(Preflight("https://evil.example"), TestContext.Current.CancellationToken);
        using var call = await browser.SendAsync(Call("/v1/accounts", "https://app.example"), TestContext.Current.CancellationToken);
        using var problem = await browser.SendAsync(Call("/nothing", "https://app.example"), TestContext.Current.CancellationToken);
        using var evil = await browser.SendAsync(Call("/v1/accounts", "https://evil.example"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal("https://app.example", Header(asked, "Access-Control-Allow-Origin"));
        Assert.Equal("true", Header(asked, "Access-Control-Allow-Credentials"));
        Assert.Contains("POST", Header(asked, "Access-Control-Allow-Methods"));
        Assert.Contains("Idempotency-Key", Header(asked, "Access-Control-Allow-Headers"));
        Assert.Equal("600", Header(asked, "Access-Control-Max-Age"));
        Assert.Null(Header(refused, "Access-Control-Allow-Origin"));
        Assert.All([call, problem], answer => Assert.Equal("https://app.example", Header(answer, "Access-Control-Allow-Origin")));
        Assert.Contains("X-Request-Id", Header(call, "Access-Control-Expose-Headers"));
        Assert.Contains("Origin", Header(call, "Vary"));
        Assert.Null(Header(evil, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_origins_a_browser_that_asks_gets_no_answer()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var browser = edge.Client();

        using var refused = await browser.SendAsync(Preflight("https://app.example"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Null(Header(refused, "Access-Control-Allow-Origin"));
        Assert.Equal(0, server.Requests);
    }

    private static HttpRequestMessage Call(string path, string origin) => new(HttpMethod.Get, path) { Headers = { { "Origin", origin } } };

    private static HttpRequestMessage Preflight(string origin) =>
        new(HttpMethod.Options, "/v1/transfers")
        {
            Headers =
            {
                { "Origin", origin },
                { "Access-Control-Request-Method", "POST" },
                { "Access-Control-Request-Headers", "authorization,content-type,idempotency-key" },
            },
        };

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
