using QuickPay.Sessions;

namespace QuickPay.Edge.Callers;

/// <summary>
/// Finds the member behind a request. Only a verified token counts: with an unverified one anybody could spend another member's rate
/// limits. Whether the session behind it still lives is the API's to say, and so is 401.
/// </summary>
public static class CallerMiddleware
{
    public static IServiceCollection AddCallers(this IServiceCollection services, IConfiguration configuration) =>
        services.AddAccessTokens(configuration);

    /// <summary>After the limits by address: a token seen for the first time costs a signature's verification.</summary>
    public static void UseCallers(this WebApplication app)
    {
        var tokens = app.Services.GetRequiredService<AccessTokens>();
        app.Use(next =>
            context =>
            {
                // Two headers may mean two callers: the API and the edge must not choose differently, so there is none.
                var authorization = context.Request.Headers.Authorization;
                if (authorization.Count != 1)
                {
                    return next(context);
                }
                var caller = tokens.AuthenticateAsync(authorization[0]);
                if (!caller.IsCompletedSuccessfully)
                {
                    return VerifyAsync(context, caller, next);
                }
                context.GetEdge().Caller = caller.Result;
                return next(context);
            }
        );
    }

    private static async Task VerifyAsync(HttpContext context, ValueTask<Caller?> caller, RequestDelegate next)
    {
        context.GetEdge().Caller = await caller;
        await next(context);
    }
}
