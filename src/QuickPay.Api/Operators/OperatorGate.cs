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
internal sealed class OperatorGate(OperatorTokens tokens, OperatorDirectory operators, OperatorReads reads)
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
        reads.Note(found, caller.LoginId, context);
        context.Response.Headers.CacheControl = "no-store";
        await endpoint(context);
    }
}

/// <summary>The one place where it is noted what operators look at. Today it is a line in the log.</summary>
internal sealed partial class OperatorReads(ILogger<OperatorReads> logger)
{
    private const int QueryMax = 512;

    /// <param name="who">The operator.</param>
    /// <param name="login">By which log-in.</param>
    /// <param name="context">Which call, and what was asked: ids and dates, never anything secret.</param>
    public void Note(Operator who, Guid login, HttpContext context)
    {
        var call = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
        var query = context.Request.QueryString.Value ?? "";
        Reads(logger, who.Id, who.Name, login, context.Request.Method, call, query.Length > QueryMax ? query[..QueryMax] : query);
    }

    [LoggerMessage(3030, LogLevel.Information, "Operator {OperatorId} ({Name}), log-in {Login}: {Method} {Call} {Query}")]
    private static partial void Reads(ILogger logger, Guid operatorId, string name, Guid login, string method, string call, string query);
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
