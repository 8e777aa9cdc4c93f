using Microsoft.AspNetCore.Http.HttpResults;
using QuickPay.Members;
using QuickPay.Sessions;

namespace QuickPay.Api.Sessions;

/// <summary>Logging in, staying logged in, and looking after one's devices.</summary>
public static class SessionEndpoints
{
    internal const int DeviceLengthMax = 64;

    /// <summary>Maps <c>/v1/sessions</c> and the public keys of access tokens.</summary>
    public static IEndpointRouteBuilder MapSessions(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("/v1/sessions").WithTags("Sessions").ServeOnStandby();
        open.MapPost("/", LogInAsync).Accepts<LogInBody>("application/json").WithName("LogIn").WithSummary("Log in on a device");
        open.MapPost("/refresh", RefreshAsync)
            .Accepts<RefreshBody>("application/json")
            .WithName("RefreshSession")
            .WithSummary("Trade a refresh token for new tokens");

        var own = routes.MapGroup("/v1/sessions").WithTags("Sessions").RequireSession().ServeOnStandby();
        own.MapGet("/", ListAsync).WithName("ListSessions").WithSummary("The member's devices");
        own.MapDelete("/current", LogOutAsync).WithName("LogOut").WithSummary("Log out on this device");
        own.MapDelete("/{id}", RevokeAsync).WithName("RevokeSession").WithSummary("Log out on one of the member's devices");

        routes
            .MapGet("/.well-known/jwks.json", JsonWebKeys)
            .WithName("JsonWebKeys")
            .WithSummary("The public keys of access tokens")
            .WithTags("Sessions");
        return routes;
    }

    private static async Task<Results<Created<TokensView>, Problem>> LogInAsync(
        HttpContext context,
        Passwords passwords,
        SessionStore sessions,
        AccessTokens tokens
    )
    {
        var (request, unreadable) = await RequestBody.ReadAsync(context, SessionJson.Default.LogInBody);
        if (request is null)
        {
            return unreadable!;
        }

        var invalid = Problems.Of(ProblemCode.InvalidRequest);
        if (!PhoneNumber.TryNormalise(request.Phone, out var phone))
        {
            invalid.Errors["phone"] = ["Must be a phone number, international (+82…) or Korean."];
        }

        if (request.Password is not { Length: > 0 and <= Passwords.LengthMax })
        {
            invalid.Errors["password"] = [$"Must have 1 to {Passwords.LengthMax} characters."];
        }

        if (request.Device is { } device && (device.Length > DeviceLengthMax || MemberName.HasForbidden(device)))
        {
            invalid.Errors["device"] = [$"Must have at most {DeviceLengthMax} characters and no control characters."];
        }

        if (invalid.Errors.Count > 0)
        {
            return invalid;
        }

        var check = await passwords.CheckAsync(phone, request.Password!, context.RequestAborted);
        switch (check.Outcome)
        {
            case LoginOutcome.Ok:
                var session = await sessions.OpenAsync(check.MemberId, request.Device?.Trim());
                return TypedResults.Created($"/v1/sessions/{session.Caller.SessionId}", TokensOf(session, tokens, context.Response));
            case LoginOutcome.Locked:
                return Problems.Of(ProblemCode.LoginLocked, check.RetryAfter);
            case LoginOutcome.Overloaded:
                return Problems.Of(ProblemCode.Overloaded);
            default:
                return Problems.Of(ProblemCode.Unauthenticated, "The phone number or the password is wrong.");
        }
    }

    private static async Task<Results<Ok<TokensView>, Problem>> RefreshAsync(
        HttpContext context,
        SessionStore sessions,
        AccessTokens tokens
    )
    {
        var (request, unreadable) = await RequestBody.ReadAsync(context, SessionJson.Default.RefreshBody);
        if (request is null)
        {
            return unreadable!;
        }

        if (string.IsNullOrEmpty(request.RefreshToken))
        {
            return Problems.Invalid("refreshToken", "Must be given.");
        }

        var (outcome, session) = await sessions.RotateAsync(request.RefreshToken);
        if (session is not null)
        {
            return TypedResults.Ok(TokensOf(session, tokens, context.Response));
        }

        return outcome == Rotation.Unknown
            ? Problems.Of(ProblemCode.Unauthenticated, "This is no refresh token of ours.")
            : Problems.Of(ProblemCode.SessionRevoked);
    }

    private static async Task<Ok<SessionList>> ListAsync(HttpContext context, SessionStore sessions)
    {
        var caller = context.GetCaller();
        var devices = await sessions.ListAsync(caller.MemberId);
        return TypedResults.Ok(
            new SessionList([
                .. devices.Select(device => new SessionView(
                    device.Id,
                    device.Device,
                    device.CreatedAt.UtcDateTime,
                    device.LastSeenAt.UtcDateTime,
                    device.Id == caller.SessionId
                )),
            ])
        );
    }

    private static async Task<NoContent> LogOutAsync(HttpContext context, SessionStore sessions)
    {
        var caller = context.GetCaller();
        await sessions.RevokeAsync(caller.MemberId, caller.SessionId);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Problem>> RevokeAsync(string id, HttpContext context, SessionStore sessions) =>
        Guid.TryParseExact(id, "D", out var session) && await sessions.RevokeAsync(context.GetCaller().MemberId, session)
            ? TypedResults.NoContent()
            : Problems.Of(ProblemCode.SessionNotFound);

    private static ContentHttpResult JsonWebKeys(SigningKeys keys, HttpResponse response)
    {
        response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Text(keys.JsonWebKeySet, "application/jwk-set+json");
    }

    private static TokensView TokensOf(GrantedSession session, AccessTokens tokens, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return new TokensView
        {
            AccessToken = tokens.Issue(session.Caller),
            RefreshToken = session.RefreshToken,
            ExpiresIn = tokens.LifetimeSeconds,
            SessionId = session.Caller.SessionId,
        };
    }
}
