using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using QuickPay.Edge.Http;
using QuickPay.Edge.Limits;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// Has a request answered: by one server, or, where that is safe, by a second one.
/// <code>
///   choose ──► forward ──► answered ─────────────────────────────► client
///                 │
///                 ├─ not connected ──► another server, once        (any request: no server has seen it)
///                 ├─ broken ─────────► another server, once        (GET, and POST with a key that the API honours)
///                 └─ broken, timed out, no other server ─────────► a problem that says whether it may have been done
/// </code>
/// DELETE is idempotent by RFC 9110, but its second answer is another one (a session that has ended cannot end itself again), so that a
/// member would be told of an error where all went well: it is not sent twice.
/// </summary>
internal sealed class Dispatch(
    RequestDelegate next,
    ServerChoice choice,
    ServerHealth health,
    HealthProbes probes,
    IOptions<BalancingOptions> options,
    TimeProvider time,
    ILogger<Dispatch> logger
)
{
    private const string IdempotencyKey = "Idempotency-Key";
    private const string InFlightLimit = "in-flight";
    private const int InFlightRetrySeconds = 1;
    private const string Look = "It may or may not have been done: look before you send it again.";
    private static readonly KeyValuePair<string, object?> InFlightTag = RateLimited.Tag(InFlightLimit);
    private readonly InFlightPerClient _inFlight = new(options.Value.InFlightPerClientMax);
    private readonly TimeSpan _answerTimeout = TimeSpan.FromMilliseconds(options.Value.AnswerTimeoutMs);

    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var servers = proxy.AvailableDestinations;
        var request = context.GetEdge();
        if (servers.Count == 0)
        {
            await RefuseAsync(context, Problems.Of(ProblemCode.UnavailableRetry));
            return;
        }

        var client = ClientNetwork.Of(request.Client);
        if (!_inFlight.TryEnter(client))
        {
            // The client's own doing, so it is told as the rate limits tell it; nothing was sent to a server.
            EdgeTelemetry.RateLimited.Add(1, InFlightTag);
            await RateLimited.Problem(InFlightLimit, InFlightRetrySeconds).ExecuteAsync(context);
            return;
        }
        try
        {
            // A failed try may clear the answer, with what earlier steps have put into its head.
            KeyValuePair<string, StringValues>[] head = [.. context.Response.Headers];
            var started = time.GetTimestamp();
            var server = choice.Pick(context, request, servers);
            if (server is null)
            {
                await RefuseAsync(context, Problems.Of(ProblemCode.Overloaded));
                return;
            }
            proxy.AvailableDestinations = server;
            await next(context);
            var end = Learn(context, proxy, server, context.RequestAborted);
            if (end is ExchangeEnd.Answered or ExchangeEnd.ClientLeft || context.Response.HasStarted)
            {
                return;
            }

            var seen = end != ExchangeEnd.NotConnected;
            var left = _answerTimeout - time.GetElapsedTime(started);
            if (IsWorthASecondTry(context.Request, request, end) && left > TimeSpan.Zero)
            {
                Reset(context, head);
                // The list as it is now: what the first try has found out counts.
                var others = proxy.Route.Cluster!.DestinationsState.AvailableDestinations;
                if (choice.PickOther(context, request, others, server) is { } other)
                {
                    EdgeTelemetry.SecondTries.Add(1);
                    server = other;
                    end = await TryAgainAsync(context, proxy, server, left);
                    if (end is ExchangeEnd.Answered or ExchangeEnd.ClientLeft || context.Response.HasStarted)
                    {
                        return;
                    }
                    seen |= end != ExchangeEnd.NotConnected;
                }
            }
            Reset(context, head);
            await RefuseAsync(context, ProblemOf(context.Request, request, end, seen), end, server);
        }
        finally
        {
            _inFlight.Leave(client);
        }
    }

    private async Task<ExchangeEnd> TryAgainAsync(HttpContext context, IReverseProxyFeature proxy, DestinationState server, TimeSpan left)
    {
        if (context.Request.Body.CanSeek)
        {
            context.Request.Body.Position = 0;
        }
        var client = context.RequestAborted;
        using var deadline = new CancellationTokenSource(left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, client);
        context.RequestAborted = either.Token;
        // It is for the answer to come: one that has begun may be long, and has its own bounds.
        var isTrying = true;
        context.Response.OnStarting(() =>
        {
            if (isTrying)
            {
                deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            }
            return Task.CompletedTask;
        });
        try
        {
            proxy.AvailableDestinations = server;
            await next(context);
        }
        finally
        {
            isTrying = false;
            context.RequestAborted = client;
        }
        return Learn(context, proxy, server, client);
    }

    /// <summary>What the try has shown about the server, too: one that a connection has failed at gets nothing until it answers a probe.</summary>
    private ExchangeEnd Learn(HttpContext context, IReverseProxyFeature proxy, DestinationState server, CancellationToken client)
    {
        var error = context.GetForwarderErrorFeature();
        if (error?.Error == ForwarderError.ResponseBodyDestination && context.Response.HasStarted)
        {
            // A long answer that breaks off may have been broken off for its own sake: whether the server is there, a probe tells.
            probes.AskNow(proxy.Route.Cluster!, server);
            return ExchangeEnd.Broken;
        }
        var end = ExchangeEnds.Of(error, client);
        if (end is ExchangeEnd.NotConnected or ExchangeEnd.Broken)
        {
            var cluster = proxy.Route.Cluster!;
            health.TakeOut(cluster, server, error!.Exception?.GetBaseException().Message ?? "a connection has failed");
            probes.AskNow(cluster, server);
        }
        else if (end == ExchangeEnd.Unfit)
        {
            BalancingLog.NotPassedOn(logger, error!.Exception);
        }
        return end;
    }

    private static bool IsWorthASecondTry(HttpRequest http, EdgeRequest request, ExchangeEnd end) =>
        end == ExchangeEnd.NotConnected || (end == ExchangeEnd.Broken && (IsSafe(http) || HasKey(http, request)));

    private static bool IsSafe(HttpRequest http) => HttpMethods.IsGet(http.Method);

    /// <summary>A key makes a request safe to repeat only where the API reads it: logging in twice opens two sessions, key or no key.</summary>
    private static bool HasKey(HttpRequest http, EdgeRequest request) =>
        request.Call.TakesKey
        && http.Headers[IdempotencyKey] is [{ Length: > 0 }]
        // What the client's own Connection header names stays here.
        && !http.Headers.GetCommaSeparatedValues(HeaderNames.Connection).Contains(IdempotencyKey, StringComparer.OrdinalIgnoreCase);

    private static Problem ProblemOf(HttpRequest http, EdgeRequest request, ExchangeEnd end, bool seen) =>
        !seen || IsSafe(http)
            ? Problems.Of(end == ExchangeEnd.Unfit ? ProblemCode.InternalError : ProblemCode.UnavailableRetry)
            : Problems.Of(ProblemCode.OutcomeUnknown, HasKey(http, request) ? null : Look);

    private static void Reset(HttpContext context, KeyValuePair<string, StringValues>[] head)
    {
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.Clear();
        foreach (var (name, value) in head)
        {
            context.Response.Headers[name] = value;
        }
    }

    private Task RefuseAsync(HttpContext context, Problem problem, ExchangeEnd? end = null, DestinationState? server = null)
    {
        EdgeTelemetry.Unanswered.Add(1, new KeyValuePair<string, object?>("code", Problems.Kind(problem.Code).Code));
        if (end is { } failure)
        {
            BalancingLog.Unanswered(logger, failure, server!.DestinationId, problem.Code);
        }
        return problem.ExecuteAsync(context);
    }
}
