using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace QuickPay.IntegrationTests.Edge;

/// <summary>What every request meets on its way in.</summary>
public sealed class EdgeTests
{
    [Fact]
    public async Task A_declared_call_reaches_a_server_with_its_body()
    {
        await using var server = await FakeServer.StartAsync(async context =>
            await context.Response.WriteAsync(await new StreamReader(context.Request.Body, Encoding.UTF8).ReadToEndAsync())
        );
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();

        using var answer = await member.PostAsJsonAsync("/v1/transfers", new { amount = 30_000 }, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"amount":30000}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("GET", "/metrics", HttpStatusCode.NotFound)]
    [InlineData("GET", "/health/details", HttpStatusCode.NotFound)]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/v1/transfers", HttpStatusCode.MethodNotAllowed)]
    public async Task What_is_not_declared_never_reaches_a_server(string method, string path, HttpStatusCode status)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();

        using var answer = await member.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), path),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(0, server.Requests);
    }
}
