using System.Net;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>What a refused request still has: it is counted, browsers may read why, and the inside is refused to names.</summary>
public sealed class RefusalTests
{
    /// <summary>Else who is refused could ask as often as they like.</summary>
    [Theory]
    [InlineData("/v1/accounts", "evil.example", "127.0.0.1", 421)]
    [InlineData("/v1/accounts?%", "localhost", "127.0.0.1", 400)]
    [InlineData("/v1//accounts", "localhost", "127.0.0.1", 404)]
    [InlineData("/nothing", "localhost", "127.0.0.1", 404)]
    [InlineData("/v1/accounts", "localhost", "203.0.113.7", 403)]
    public async Task Refusals_count_for_their_address(string target, string host, string client, int status)
    {
        await using var edge = await EdgeUnderTest.StartAsync(
            [],
            ("RateLimits:RequestsPerSecondPerAddress", "5"),
            ("Edge:TrustedProxies", "127.0.0.0/8"),
            // Nobody knows any country here: only private addresses come in.
            ("Countries:Allow", "KR"),
            ("Countries:DatabaseFile", "/nowhere.mmdb")
        );
        await using var connection = await RawConnection.OpenAsync(edge);
        List<int?> statuses = [];

        for (var i = 0; i < 50; i++)
        {
            var answer = await connection.AskAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: {client}\r\n\r\n");
            statuses.Add(answer?.Status);
        }

        Assert.Equal(status, statuses[0]);
        Assert.Contains(429, statuses);
    }

    [Theory]
    [InlineData("/v1/accounts?%", "localhost", 400)]
    [InlineData("/v1//accounts", "localhost", 404)]
    [InlineData("/v1/accounts", "evil.example", 421)]
    public async Task Pages_of_known_origins_may_read_why(string target, string host, int status)
    {
        await using var edge = await EdgeUnderTest.StartAsync([], ("Edge:CorsOrigins", "https://app.example"));
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://app.example\r\n\r\n");

        Assert.Equal(status, answer?.Status);
        Assert.Equal("https://app.example", answer?["Access-Control-Allow-Origin"]);
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LocalHost:1234", HttpStatusCode.OK)]
    [InlineData("10.0.0.7:9190", HttpStatusCode.OK)]
    [InlineData("[::1]:9190", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example:9190", HttpStatusCode.MisdirectedRequest)]
    public async Task The_inside_has_no_name_that_a_page_could_take(string host, HttpStatusCode status)
    {
        await using var edge = await EdgeUnderTest.StartAsync([]);
        using var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = edge.Internal };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/servers", UriKind.Relative));
        request.Headers.Host = host;

        using var answer = await browser.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, answer.StatusCode);
    }
}
