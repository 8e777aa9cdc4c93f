using QuickPay.Sessions;

namespace QuickPay.Api.Sessions;

/// <summary>On endpoints that ask for a session; the API description reads it.</summary>
internal sealed class SessionRequired
{
    public static readonly SessionRequired Instance = new();
}

/// <summary>
/// Lets a request through to its endpoint only with a valid access token whose session lives. It stands before the endpoint's own
/// work, so nothing of a stranger's body is read, and it is no middleware, so that open endpoints pay nothing.
/// </summary>
internal sealed class SessionGate(AccessTokens tokens, SessionChecker sessions)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate endpoint)
    {
        // Of several Authorization headers none is believed: StringValues joins them into something that is no token.
        var caller = await tokens.AuthenticateAsync(context.Request.Headers.Authorization);
        if (caller is null)
        {
            await Problems.Of(ProblemCode.Unauthenticated).ExecuteAsync(context);
            return;
        }

        switch (await sessions.CheckAsync(caller))
        {
            case SessionState.Active:
                context.Features.Set(caller);
                await endpoint(context);
                break;
            case SessionState.Revoked:
                await Problems.Of(ProblemCode.SessionRevoked).ExecuteAsync(context);
                break;
            case SessionState.Unavailable:
                await Problems.Of(ProblemCode.UnavailableRetry).ExecuteAsync(context);
                break;
        }
    }
}

/// <summary>How endpoints ask for a session and learn who calls.</summary>
public static class SessionGateExtensions
{
    /// <summary>
    /// Only callers with a living session get through: 401 <c>unauthenticated</c> (no token, or not a valid one), 401
    /// <c>session_revoked</c>, 503 <c>unavailable_retry</c> (nobody can tell now).
    /// </summary>
    public static TBuilder RequireSession<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            var gate = endpoint.ApplicationServices.GetRequiredService<SessionGate>();
            var inner = endpoint.RequestDelegate ?? throw new InvalidOperationException("An endpoint without a handler needs no session.");
            endpoint.RequestDelegate = context => gate.InvokeAsync(context, inner);
            endpoint.Metadata.Add(SessionRequired.Instance);
        });
        return builder;
    }

    /// <summary>The member and session behind this request, whose endpoint said <see cref="RequireSession{TBuilder}"/>.</summary>
    public static Caller GetCaller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("This endpoint did not require a session.");
}
