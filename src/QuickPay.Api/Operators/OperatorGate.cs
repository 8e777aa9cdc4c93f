using QuickPay.Operators;

namespace QuickPay.Api.Operators;

/// <summary>On endpoints for operators alone; the API description reads it.</summary>
internal sealed class OperatorRequired
{
    public static readonly OperatorRequired Instance = new();
}

/// <summary>
/// Lets a request through to its endpoint only with an operator's token whose operator is not disabled, and has it noted before anything is
/// read. Every call for operators comes through here; a member's token does not.
/// </summary>
internal sealed class OperatorGate(OperatorTokens tokens, OperatorDirectory operators, OperatorAudit audit)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate endpoint)
    {
        // Of several Authorization headers none is believed: StringValues joins them into something that is no token.
        if (await tokens.AuthenticateAsync(context.Request.Headers.Authorization) is not { } caller)
        {
            await Problems.Of(ProblemCode.Unauthenticated).ExecuteAsync(context);
            return;
        }
        if (await operators.FindActiveAsync(caller.OperatorId, context.RequestAborted) is not { } found)
        {
            await Problems.Of(ProblemCode.SessionRevoked).ExecuteAsync(context);
            return;
        }
        audit.NoteRead(found, caller.LoginId, context);
        context.Response.Headers.CacheControl = "no-store";
        await endpoint(context);
    }
}

/// <summary>How endpoints ask for an operator.</summary>
public static class OperatorGateExtensions
{
    /// <summary>
    /// Only operators get through: 401 <c>unauthenticated</c> (no token, or not an operator's), 401 <c>session_revoked</c> (a disabled one).
    /// </summary>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            var gate = endpoint.ApplicationServices.GetRequiredService<OperatorGate>();
            var inner = endpoint.RequestDelegate ?? throw new InvalidOperationException("An endpoint without a handler needs no operator.");
            endpoint.RequestDelegate = context => gate.InvokeAsync(context, inner);
            endpoint.Metadata.Add(OperatorRequired.Instance);
        });
        return builder;
    }
}
