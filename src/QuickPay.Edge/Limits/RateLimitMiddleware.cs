using System.Globalization;
using QuickPay.Edge.Surface;

namespace QuickPay.Edge.Limits;

/// <summary>
/// Holds requests against the limits, in a fixed order, the cheapest first: address, everybody, then by kind of call address and phone
/// number or operator's name, or member. A request that a later limit refuses stays counted under the earlier ones: it was made, and it cost. One that
/// an earlier limit refuses is not counted under the later ones, so an abusive address uses up nothing of what all share.
/// <para>
/// Answers carry <c>RateLimit-Policy</c> and <c>RateLimit</c> as draft-ietf-httpapi-ratelimit-headers-11 writes them: of calls with limits of
/// their own always, of an address's limit only when less than a tenth of it is left, of everybody's only when it refuses.
/// </para>
/// </summary>
public static class RateLimitMiddleware
{
    private const string PolicyField = "RateLimit-Policy";
    private const string LimitField = "RateLimit";

    private enum Tell
    {
        Always,
        WhenLow,
        WhenRefused,
    }

    /// <summary>As soon as it is known who sends: before a signature is verified or a body read.</summary>
    public static void UseAddressLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<RateLimits>();
        Use(app, limits.Address, Tell.WhenLow, edge => SubjectIds.OfAddress(edge.Client));
        Use(app, limits.Overall, Tell.WhenRefused, _ => SubjectIds.Everybody);
    }

    /// <summary>When the call, the caller and the body are known; before the body is searched for attacks, which costs more.</summary>
    public static void UseCallLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<RateLimits>();
        UseFor(LimitClass.LogIn, limits.LoginAddress, edge => SubjectIds.OfAddress(edge.Client));
        UseFor(LimitClass.LogIn, limits.LoginPhone, edge => SubjectIds.OfPhoneIn(edge.Body.Span));
        UseFor(LimitClass.OperatorLogIn, limits.LoginAddress, edge => SubjectIds.OfAddress(edge.Client));
        UseFor(LimitClass.OperatorLogIn, limits.LoginOperator, edge => SubjectIds.OfOperatorIn(edge.Body.Span));
        UseFor(LimitClass.SignUp, limits.SignUpAddress, edge => SubjectIds.OfAddress(edge.Client));
        UseFor(LimitClass.SignUp, limits.SignUpPhone, edge => SubjectIds.OfPhoneIn(edge.Body.Span));
        UseFor(LimitClass.Transfer, limits.TransferMember, edge => edge.Caller is { } caller ? SubjectIds.OfMember(caller.MemberId) : null);

        void UseFor(LimitClass kind, RateLimiter limiter, Func<EdgeRequest, UInt128?> subjectOf) =>
            Use(app, limiter, Tell.Always, edge => edge.Call.Limits == kind ? subjectOf(edge) : null);
    }

    /// <param name="subjectOf">Whom the request counts for; null: this limit does not concern it.</param>
    private static void Use(WebApplication app, RateLimiter limiter, Tell tell, Func<EdgeRequest, UInt128?> subjectOf) =>
        app.Use(next =>
            context =>
            {
                if (subjectOf(context.GetEdge()) is not { } subject)
                {
                    return next(context);
                }
                var verdict = limiter.TakeAsync(subject);
                return verdict.IsCompletedSuccessfully
                    ? GoOn(context, next, limiter.Limit, tell, verdict.Result)
                    : WaitAsync(context, next, limiter.Limit, tell, verdict);
            }
        );

    private static async Task WaitAsync(
        HttpContext context,
        RequestDelegate next,
        Limit limit,
        Tell tell,
        ValueTask<LimitVerdict> verdict
    ) => await GoOn(context, next, limit, tell, await verdict);

    private static Task GoOn(HttpContext context, RequestDelegate next, Limit limit, Tell tell, LimitVerdict verdict)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(verdict.Reset.TotalSeconds));
        if (!verdict.IsAllowed || tell == Tell.Always || (tell == Tell.WhenLow && verdict.Remaining < limit.Requests / 10))
        {
            var headers = context.Response.Headers;
            headers.Append(PolicyField, limit.Policy);
            headers.Append(LimitField, string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";r={verdict.Remaining};t={seconds}"));
        }
        return verdict.IsAllowed ? next(context) : RateLimited.Problem(limit.Name, seconds).ExecuteAsync(context);
    }
}
