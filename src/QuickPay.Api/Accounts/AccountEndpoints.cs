using Microsoft.AspNetCore.Http.HttpResults;
using QuickPay.Accounts;
using QuickPay.Api.Sessions;
using QuickPay.Ledger;
using QuickPay.Money;

namespace QuickPay.Api.Accounts;

/// <summary>One account of a member.</summary>
public sealed record AccountView(Guid Id, string Number, string Currency, string Status);

public sealed record AccountList(IReadOnlyList<AccountView> Items);

/// <summary>A balance in minor units; <c>available = balance − held</c>.</summary>
public sealed record BalanceView(long Balance, long Available, long Held, string Currency, long Version, DateTime AsOf);

/// <summary>A member's accounts and balances.</summary>
public static class AccountEndpoints
{
    public static RouteGroupBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/accounts").WithTags("Accounts").RequireSession();
        group.MapGet("/", ListAsync).WithSummary("Your accounts").WithName("ListAccounts");
        group.MapGet("/{id}/balance", BalanceAsync).WithSummary("What an account contains").WithName("GetBalance");
        return group;
    }

    private static async Task<Ok<AccountList>> ListAsync(HttpContext context, AccountReader accounts)
    {
        var items = await accounts.ListAsync(context.GetCaller().MemberId, context.RequestAborted);
        return TypedResults.Ok(
            new AccountList([.. items.Select(account => new AccountView(account.Id, account.Number, account.Currency.Code(), StatusWord(account.Status)))])
        );
    }

    private static async Task<Results<Ok<BalanceView>, Problem>> BalanceAsync(string id, HttpContext context, AccountReader accounts)
    {
        // An id that cannot be one takes the same way as one that is not there.
        var accountId = Guid.TryParseExact(id, "D", out var parsed) ? parsed : Guid.Empty;
        if (await accounts.BalanceAsync(accountId, context.GetCaller().MemberId, context.RequestAborted) is not { } balance)
        {
            return Problems.Of(ProblemCode.AccountNotFound);
        }
        Consistency.Write(context, new ConsistencyToken(balance.Timeline, balance.Lsn, accountId, balance.Version));
        return TypedResults.Ok(
            new BalanceView(balance.Balance, balance.Available, balance.Held, balance.Currency.Code(), balance.Version, balance.AsOf)
        );
    }

    private static string StatusWord(AccountStatus status) =>
        status switch
        {
            AccountStatus.Active => "active",
            AccountStatus.Frozen => "frozen",
            AccountStatus.Closed => "closed",
        };
}
