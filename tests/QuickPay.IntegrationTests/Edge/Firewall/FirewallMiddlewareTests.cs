using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using QuickPay.Edge;
using QuickPay.Edge.Firewall;
using QuickPay.Edge.Surface;
using QuickPay.IntegrationTests.Members;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>What becomes of a request when the engine finds, fails or has no time; with an engine that does what the test says.</summary>
public sealed class FirewallMiddlewareTests : IDisposable
{
    private static readonly Verdict Remarked = new()
    {
        Matches = [new RuleMatch(920_330, "protocol", 5, "REQUEST_HEADERS", "")],
        Score = 2,
    };

    private readonly ManualResetEventSlim _gate = new();
    private int _forwarded;

    [Fact]
    public async Task When_the_queue_is_full_a_request_is_told_to_come_back()
    {
        using var pool = Pool(_ =>
        {
            _gate.Wait();
            return Verdict.Clean;
        });
        var firewall = Firewall(pool);
        var first = firewall.InvokeAsync(Request());
        await Eventually.IsTrueAsync(() => pool.Waiting == 0, "the first is at hand");
        var second = firewall.InvokeAsync(Request());
        var refused = Request();

        await firewall.InvokeAsync(refused);

        Assert.Equal((503, "overloaded"), (refused.Response.StatusCode, CodeOf(refused)));
        Assert.Equal("1", refused.Response.Headers.RetryAfter);
        Assert.Equal(0, _forwarded);
        _gate.Set();
        await Task.WhenAll(first, second);
        Assert.Equal(2, _forwarded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_engine_fails_nothing_passes(bool blocks)
    {
        using var pool = Pool(_ => throw new InvalidOperationException("as the test says"));
        var request = Request();

        await Firewall(pool, blocks: blocks).InvokeAsync(request);

        Assert.Equal((503, "unavailable_retry"), (request.Response.StatusCode, CodeOf(request)));
        Assert.Equal("2", request.Response.Headers.RetryAfter);
        Assert.Equal(0, _forwarded);
    }

    [Fact]
    public async Task What_the_positive_model_knows_is_not_inspected()
    {
        var inspected = 0;
        using var pool = Pool(_ =>
        {
            inspected++;
            return Verdict.Clean;
        });
        var model = new Model { Knows = true };

        await Firewall(pool, model).InvokeAsync(Request());

        Assert.Equal((1, 0, 0), (_forwarded, inspected, model.Learned));
    }

    [Fact]
    public async Task The_positive_model_learns_only_from_what_is_wholly_clean()
    {
        var model = new Model();
        foreach (var (verdict, learned) in (IEnumerable<(Verdict, int)>)[(Remarked, 0), (Verdict.Clean, 1)])
        {
            using var pool = Pool(_ => verdict);

            await Firewall(pool, model).InvokeAsync(Request());

            Assert.Equal(learned, model.Learned);
        }
        Assert.Equal(2, _forwarded);
    }

    [Fact]
    public async Task The_positive_model_does_not_learn_from_an_attack_that_is_only_detected()
    {
        var model = new Model();
        using var pool = Pool(_ => new Verdict { Matches = Remarked.Matches, Status = 403 });

        await Firewall(pool, model, blocks: false).InvokeAsync(Request());

        Assert.Equal((1, 0), (_forwarded, model.Learned));
    }

    public void Dispose()
    {
        _gate.Set();
        _gate.Dispose();
    }

    private FirewallMiddleware Firewall(InspectionPool pool, IPositiveModel? model = null, bool blocks = true) =>
        new(
            _ =>
            {
                Interlocked.Increment(ref _forwarded);
                return Task.CompletedTask;
            },
            pool,
            Options.Create(new FirewallOptions { BlockingEnabled = blocks }),
            TimeProvider.System,
            NullLogger<FirewallMiddleware>.Instance,
            model
        );

    private static InspectionPool Pool(Func<InspectedRequest, Verdict> inspect) =>
        new(inspect, new FirewallOptions { Workers = 1, QueueMax = 1 }, TimeProvider.System, NullLogger<InspectionPool>.Instance);

    private static DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/v1/accounts";
        context.Features.Set(new EdgeRequest { Client = IPAddress.Loopback, Call = ApiSurface.Named("ListAccounts") });
        context.Request.Method = "GET";
        context.Request.Protocol = "HTTP/1.1";
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string? CodeOf(HttpContext context)
    {
        context.Response.Body.Position = 0;
        return JsonDocument.Parse(context.Response.Body).RootElement.Code();
    }

    private sealed class Model : IPositiveModel
    {
        public bool Knows { get; init; }

        public int Learned { get; private set; }

        public bool Matches(HttpContext context, EdgeRequest request) => Knows;

        public void Learn(HttpContext context, EdgeRequest request) => Learned++;
    }
}
