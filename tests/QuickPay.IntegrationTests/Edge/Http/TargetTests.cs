using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>Paths, queries and hosts: one spelling is served, and reaches a server as it came.</summary>
public sealed class TargetTests(RecordedEdge edge) : IClassFixture<RecordedEdge>
{
    private const string Id = "0199a1b2-0000-7000-8000-000000000001";

    [Theory]
    [InlineData("/v1/accounts")]
    [InlineData($"/v1/accounts/{Id}/balance")]
    [InlineData($"/v1/accounts/{Id}/transactions?limit=5&from=2026-01-01T00%3A00%3A00%2B09:00&cursor=a-_b")]
    [InlineData("/v1/accounts?")]
    [InlineData("/docs/scalar.js")]
    [InlineData("/.well-known/jwks.json")]
    public async Task A_declared_path_reaches_a_server_as_it_came(string target)
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);

        var answer = await connection.AskAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.Equal(200, answer?.Status);
        var reached = Assert.Single(await edge.TakeAsync(atLeast: 1));
        Assert.Equal($"GET {target}", reached.Target);
        RecordedEdge.ShouldBeWellFormed(reached);
    }

    [Theory]
    [InlineData("/v1//accounts", 404)]
    [InlineData("//v1/accounts", 404)]
    [InlineData("/v1/accounts/", 404)]
    [InlineData("/V1/Accounts", 404)]
    [InlineData("/v1/%61ccounts", 404)]
    [InlineData("/v1%2Faccounts", 404)]
    [InlineData("/v1/%2e%2e/v1/accounts", 404)]
    [InlineData("/v1/../v1/accounts", 404)]
    [InlineData("/v1/./accounts", 404)]
    [InlineData("/v1/x/%2e%2e/accounts", 404)]
    [InlineData("/v1/accounts;a=b", 404)]
    [InlineData("/v1/accounts%00", 400)]
    [InlineData("/v1/accounts%3f", 404)]
    [InlineData("/v1/transfers/%253Fx", 404)]
    [InlineData("/v1/accounts%23", 404)]
    [InlineData("/v1/accounts%0d%0aX-A:%20b", 404)]
    [InlineData("/v1/accounts\\", 404)]
    [InlineData("/v1/accounts#x", 404)]
    [InlineData("/v1/%c3%28/accounts", 404)]
    [InlineData("/v1/%", 404)]
    [InlineData("/v1/%zz", 404)]
    [InlineData("/v1/accounts\x80", 400)]
    [InlineData("/v1/accounts\0", 400)]
    [InlineData("/v1/accounts//balance", 404)]
    [InlineData("/v1/accounts/../balance", 404)]
    [InlineData("/v1/accounts/%2e%2e/balance", 404)]
    [InlineData("/v1/accounts/0123456789012345678901234567890123456789012345678901234567890123456789/balance", 404)]
    [InlineData("/v1/accounts?a=%", 400)]
    [InlineData("/v1/accounts?a=%zz", 400)]
    [InlineData("/v1/accounts?a=<b>", 400)]
    [InlineData("/v1/accounts?a=\"", 400)]
    [InlineData("/v1/accounts?a=\x80", 400)]
    [InlineData("/v1/accounts?a#b", 400)]
    [InlineData("/metrics", 404)]
    [InlineData("/health/details", 404)]
    [InlineData("/health/live/", 404)]
    [InlineData("/", 404)]
    [InlineData("https://localhost/v1/accounts", 400)]
    [InlineData("http://evil.example/v1/accounts", 400)]
    [InlineData("https://evil.example@localhost/v1/accounts", 400)]
    [InlineData("*", 405)]
    [InlineData("v1/accounts", 400)]
    public async Task Another_spelling_reaches_nothing(string target, int status)
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);

        var answer = await connection.AskAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.True(status == answer?.Status, $"{answer?.Head}\n{answer?.Body}");
        Assert.Empty(await edge.TakeAsync());
    }

    [Theory]
    [InlineData("HEAD", 405)]
    [InlineData("OPTIONS", 405)]
    [InlineData("TRACE", 405)]
    [InlineData("PUT", 405)]
    [InlineData("get", 405)]
    [InlineData("CONNECT", 405)]
    [InlineData("QUICKPAY", 405)]
    public async Task Other_methods_are_refused(string method, int status)
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);

        var answer = await connection.AskAsync($"{method} /v1/accounts HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.Equal(status, answer?.Status);
        Assert.Empty(await edge.TakeAsync());
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]", 200)]
    [InlineData("localhost:{port}", 200)]
    [InlineData("localhost:1", 421)]
    [InlineData("localhost:", 400)]
    [InlineData("localhost.", 421)]
    [InlineData("evil.example", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("xn--qckr4fj9ii2a7e.example", 421)]
    [InlineData("127.1", 421)]
    [InlineData("0x7f000001", 421)]
    [InlineData("[0:0:0:0:0:0:0:1]", 421)]
    [InlineData("localhost@evil.example", 400)]
    [InlineData("evil.example@localhost", 400)]
    [InlineData("", 421)]
    [InlineData("local host", 400)]
    [InlineData("localhost/x", 400)]
    [InlineData("localhost\\", 400)]
    [InlineData("localhost\xff", 400)]
    [InlineData("b\xc3\xbccher.example", 400)]
    [InlineData("localhost\r\nHost: evil.example", 400)]
    public async Task Only_hosts_of_the_settings_are_served(string host, int status)
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);
        host = host.Replace("{port}", $"{edge.Edge.Https.Port}", StringComparison.Ordinal);

        var answer = await connection.AskAsync($"GET /v1/accounts HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.True(status == answer?.Status, $"{answer?.Head}\n{answer?.Body}");
        Assert.Equal(status == 421, answer!.Body.Contains("\"code\":\"unknown_host\"", StringComparison.Ordinal));
        Assert.Equal(status == 200 ? 1 : 0, (await edge.TakeAsync(atLeast: status == 200 ? 1 : 0)).Count);
    }

    [Theory]
    [InlineData("GET /v1/accounts HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /v1/accounts HTTP/1.0\r\n\r\n", 421)]
    public async Task A_request_names_its_host(string request, int status)
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);

        Assert.Equal(status, (await connection.AskAsync(request))?.Status);
        Assert.Empty(await edge.TakeAsync());
    }

    [Theory]
    [InlineData("/v1/accounts?a=%2e%2E%zz&b", "localhost")]
    [InlineData("//evil.example/%2e%2e//x", "127.0.0.1:1234")]
    [InlineData("/\\evil.example", "LOCALHOST")]
    public async Task Plain_HTTP_is_told_the_same_target_over_HTTPS(string target, string host)
    {
        await using var connection = await RawConnection.OpenPlainAsync(edge.Edge);

        var answer = await connection.AskAsync($"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(308, answer?.Status);
        Assert.Equal($"https://{host.Split(':')[0]}:{edge.Edge.Https.Port}{target}", answer?["Location"]);
        Assert.Matches("^[0-9a-f]{32}$", answer?["X-Request-Id"]);
        Assert.Null(answer?["Strict-Transport-Security"]);
        Assert.Empty(await edge.TakeAsync());
    }

    [Theory]
    [InlineData("/", "evil.example", 421)]
    [InlineData("/", "evil.example@localhost", 400)]
    [InlineData("/", "localhost.", 421)]
    [InlineData("http://localhost/x", "localhost", 400)]
    public async Task Plain_HTTP_sends_nobody_elsewhere(string target, string host, int status)
    {
        await using var connection = await RawConnection.OpenPlainAsync(edge.Edge);

        var answer = await connection.AskAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal(status, answer?.Status);
        Assert.Null(answer?["Location"]);
    }

    [Fact]
    public async Task Outside_health_says_yes_or_no_and_nothing_more()
    {
        await using var server = await FakeServer.StartAsync();
        await using var some = await EdgeUnderTest.StartAsync([server]);
        await using var none = await EdgeUnderTest.StartAsync([]);

        await Eventually.IsTrueAsync(async () => (await HealthAsync(some, "ready"))?.Status == 200, "an edge with a server is ready");
        await Eventually.IsTrueAsync(async () => (await HealthAsync(none, "ready"))?.Status == 503, "one without is not");
        var live = await HealthAsync(none, "live");

        Assert.Equal(200, live?.Status);
        Assert.True(live?.Body.Length < 10);
        Assert.Equal(0, server.Requests);
    }

    private static async Task<RawAnswer?> HealthAsync(EdgeUnderTest edge, string page)
    {
        await using var connection = await RawConnection.OpenAsync(edge);
        return await connection.AskAsync($"GET /health/{page} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }
}
