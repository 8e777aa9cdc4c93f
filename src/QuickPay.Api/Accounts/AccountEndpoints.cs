using Microsoft.AspNetCore.Http.HttpResults;
using QuickPay.Accounts;
using QuickPay.Api.Sessions;
using QuickPay.Caches;
using QuickPay.Ledger;
using QuickPay.Money;

namespace QuickPay.Api.Accounts;

/// <summary>One account of a member.</summary>
/// <param name="Number">12 digits, the last one a check digit; what others may send money to.</param>
/// <param name="Currency">ISO 4217 letters.</param>
/// <param name="Status"><c>active</c>, <c>frozen</c> or <c>closed</c>.</param>
public sealed record AccountView(Guid Id, string Number, string Currency, string Status);

/// <summary>What <c>GET /v1/accounts</c> answers; the oldest account first.</summary>
public sealed record AccountList(IReadOnlyList<AccountView> Items);

/// <summary>A balance in minor units; <c>available = balance − held</c>.</summary>
/// <param name="Held">Set aside for pending transfers.</param>
/// <param name="Currency">ISO 4217 letters.</param>
/// <param name="Version">How many postings have touched the account.</param>
/// <param name="AsOf">When it was so, by the database's clock: a balance that nothing has changed since may be five minutes old.</param>
public sealed record BalanceView(long Balance, long Available, long Held, string Currency, long Version, DateTime AsOf);

/// <summary>A member's accounts and balances.</summary>
public static class AccountEndpoints
{
    /// <summary>Maps <c>/v1/accounts</c>; what else belongs to an account is mapped on the group.</summary>
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
            new AccountList([
                .. items.Select(account => new AccountView(account.Id, account.Number, account.Currency.Code(), WordOf(account.Status))),
            ])
        );
    }

    private static async Task<Results<Ok<BalanceView>, Problem>> BalanceAsync(string id, HttpContext context, Balances balances)
    {
        var seen = Consistency.Read(context.Request);
        var read = await balances.ReadAsync(PathId.Parse(id), context.GetCaller().MemberId, seen, context.RequestAborted);
        if (read.Balance is not { } balance)
        {
            return Problems.Of(read.IsOverloaded ? ProblemCode.Overloaded : ProblemCode.AccountNotFound);
        }
        var shown = balance.Token();
        if (Consistency.IsBehind(seen, shown))
        {
            return Problems.Of(ProblemCode.UnavailableRetry);
        }
        Consistency.Write(context, shown, seen);
        return TypedResults.Ok(
            new BalanceView(balance.Balance, balance.Available, balance.Held, balance.Currency.Code(), balance.Version, balance.AsOf)
        );
    }

    internal static string WordOf(AccountStatus status) =>
        status switch
        {
            AccountStatus.Active => "active",
            AccountStatus.Frozen => "frozen",
            AccountStatus.Closed => "closed",
        };
}
