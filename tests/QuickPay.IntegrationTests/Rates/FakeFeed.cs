using System.Globalization;
using Microsoft.AspNetCore.Http;
using QuickPay.IntegrationTests.Edge;
using QuickPay.Rates;
using QuickPay.Worker.Rates;

namespace QuickPay.IntegrationTests.Rates;

/// <summary>
/// The European Central Bank's server, as far as its daily feed goes: it answers a GET that accepts XML, and nothing else. It can also do
/// what a server should not.
/// </summary>
internal sealed class FakeFeed : IAsyncDisposable
{
    private const string Path = "/stats/eurofxref/eurofxref-daily.xml";
    private FakeServer _server = null!;

    /// <summary>What becomes of a request that is in order.</summary>
    public RequestDelegate Answer { get; set; } = With(SomeDay);

    public static string SomeDay => Xml(Support.SomeRates.Of());

    /// <summary>Requests that were in order.</summary>
    public int Requests { get; private set; }

    public static async Task<FakeFeed> StartAsync()
    {
        var feed = new FakeFeed();
        feed._server = await FakeServer.StartAsync(feed.AnswerAsync);
        return feed;
    }

    /// <summary>The settings of a worker that asks here.</summary>
    public RateOptions Options(int timeoutMs = 10_000) =>
        new()
        {
            Source = "ecb",
            Url = _server.Address + Path,
            TimeoutMs = timeoutMs,
        };

    public static RequestDelegate With(string body, int status = 200) =>
        context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/xml";
            return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
        };

    public static string Xml(DailyRates day) =>
        $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
              <gesmes:subject>Reference rates</gesmes:subject>
              <Cube><Cube time="{day.AsOf:yyyy-MM-dd}">{string.Concat(
                day.Rates.Select(rate => string.Create(CultureInfo.InvariantCulture, $"<Cube currency='{rate.Key}' rate='{rate.Value}'/>"))
            )}</Cube></Cube>
            </gesmes:Envelope>
            """;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var refused = context.Request switch
        {
            { Path.Value: not Path } => 404,
            { Method: not "GET" } => 405,
            var request when !request.Headers.Accept.ToString().Contains("xml", StringComparison.Ordinal) => 406,
            _ => 0,
        };
        if (refused > 0)
        {
            context.Response.StatusCode = refused;
            return Task.CompletedTask;
        }
        Requests++;
        return Answer(context);
    }
}
