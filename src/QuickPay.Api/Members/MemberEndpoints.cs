using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using QuickPay.Accounts;
using QuickPay.Api.Sessions;
using QuickPay.Members;

namespace QuickPay.Api.Members;

/// <summary>Joining, and looking at oneself.</summary>
public static class MemberEndpoints
{
    /// <summary>Maps <c>/v1/members</c>.</summary>
    public static IEndpointRouteBuilder MapMembers(this IEndpointRouteBuilder routes)
    {
        var members = routes.MapGroup("/v1/members").WithTags("Members");
        members
            .MapPost("/", SignUpAsync)
            .Accepts<SignUpBody>("application/json")
            .WithName("SignUp")
            .WithSummary("Join, with a wallet in won");
        members.MapGet("/me", MeAsync).RequireSession().WithName("GetMe").WithSummary("The member who calls");
        return routes;
    }

    /// <summary>The JSON of member endpoints.</summary>
    public static IServiceCollection AddMemberJson(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, MemberJson.Default));

    private static async Task<Results<Created<MemberView>, Problem>> SignUpAsync(HttpContext context, SignUp signUp)
    {
        var (request, unreadable) = await RequestBody.ReadAsync(context, MemberJson.Default.SignUpBody);
        if (request is null)
        {
            return unreadable!;
        }

        var invalid = Problems.Of(ProblemCode.InvalidRequest);
        if (SignUp.Check(request.Phone, request.Name, request.Password, request.Pin, invalid.Errors) is not { } joining)
        {
            return invalid;
        }

        var (outcome, member) = await signUp.JoinAsync(joining, context.RequestAborted);
        return outcome switch
        {
            SignUpOutcome.Joined => TypedResults.Created("/v1/members/me", ViewOf(member!, limits: null)),
            SignUpOutcome.PhoneTaken => Problems.Of(ProblemCode.PhoneTaken),
            SignUpOutcome.Overloaded => Problems.Of(ProblemCode.Overloaded),
            SignUpOutcome.Unknown => Problems.Of(
                ProblemCode.OutcomeUnknown,
                "It may or may not have been done: log in, and sign up again if that fails."
            ),
        };
    }

    private static async Task<Results<Ok<MemberView>, Problem>> MeAsync(
        HttpContext context,
        MemberDirectory members,
        IOptions<TransferLimits> limits
    ) =>
        await members.FindAsync(context.GetCaller().MemberId, context.RequestAborted) is { } member
            ? TypedResults.Ok(ViewOf(member, limits.Value.For(member.Tier)))
            : Problems.Of(ProblemCode.Unauthenticated);

    private static MemberView ViewOf(MemberProfile member, TierLimits? limits) =>
        new()
        {
            Id = member.Id,
            Phone = member.Phone,
            Name = member.Name,
            Tier = WordOf(member.Tier),
            Limits = limits,
        };

    internal static string WordOf(Tier tier) =>
        tier switch
        {
            Tier.Unverified => "unverified",
            Tier.Verified => "verified",
            Tier.House => "house",
            Tier.Load => "load",
        };
}
