using Microsoft.AspNetCore.Http.HttpResults;
using QuickPay.Members;
using QuickPay.Operators;

namespace QuickPay.Api.Operators;

/// <summary>Logging in as an operator.</summary>
public static class OperatorEndpoints
{
    public static IServiceCollection AddOperatorGate(this IServiceCollection services)
    {
        services.AddSingleton<OperatorAudit>().AddSingleton<OperatorGate>();
        return services.ConfigureHttpJsonOptions(options =>
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, OperatorJson.Default)
        );
    }

    /// <summary>Maps <c>/v1/operator/sessions</c>.</summary>
    public static void MapOperators(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/v1/operator/sessions", LogInAsync)
            .WithTags("Operators")
            .Accepts<OperatorLogInBody>("application/json")
            .WithName("OperatorLogIn")
            .WithSummary("Log in as an operator");

    private static async Task<Results<Created<OperatorTokenView>, Problem>> LogInAsync(
        HttpContext context,
        OperatorPasswords passwords,
        OperatorTokens tokens,
        OperatorAudit audit
    )
    {
        var (request, unreadable) = await RequestBody.ReadAsync(context, OperatorJson.Default.OperatorLogInBody);
        if (request is null)
        {
            return unreadable!;
        }
        var invalid = Problems.Of(ProblemCode.InvalidRequest);
        if (!OperatorDirectory.IsName(request.Name))
        {
            invalid.Errors["name"] = ["Must be an operator's name: 2 to 32 small letters, digits, points, underscores and hyphens."];
        }
        if (request.Password is not { Length: > 0 and <= OperatorDirectory.PasswordLengthMax })
        {
            invalid.Errors["password"] = [$"Must have 1 to {OperatorDirectory.PasswordLengthMax} characters."];
        }
        if (invalid.Errors.Count > 0)
        {
            return invalid;
        }
        var check = await passwords.CheckAsync(request.Name!, request.Password!, context.RequestAborted);
        switch (check.Outcome)
        {
            case LoginOutcome.Ok:
                context.Response.Headers.CacheControl = "no-store";
                var accessToken = tokens.Issue(check.OperatorId, out var login);
                audit.NoteLogIn(request.Name!, login);
                var token = new OperatorTokenView { AccessToken = accessToken, ExpiresIn = tokens.LifetimeSeconds };
                // There is nothing to look at under an address of its own.
                return TypedResults.Created((string?)null, token);
            case LoginOutcome.Locked:
                audit.NoteRefusal(request.Name!, check);
                return Problems.Of(ProblemCode.LoginLocked, check.RetryAfter);
            case LoginOutcome.Overloaded:
                return Problems.Of(ProblemCode.Overloaded);
            default:
                audit.NoteRefusal(request.Name!, check);
                return Problems.Of(ProblemCode.Unauthenticated, "The name or the password is wrong.");
        }
    }
}
