using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using QuickPay.Api.Sessions;
using QuickPay.Api.Transfers;
using QuickPay.Transfers;

namespace QuickPay.Api.Statements;

/// <summary>A transfer seen from one account.</summary>
/// <param name="Id">The transfer's id; a captured hold keeps the hold's.</param>
/// <param name="Status"><c>posted</c>, <c>pending</c>, <c>cancelled</c> or <c>expired</c>.</param>
/// <param name="Direction"><c>in</c> or <c>out</c>.</param>
/// <param name="Amount">Minor units; of a captured hold, what was captured.</param>
/// <param name="BalanceAfter">This account after it.</param>
public sealed record TransactionView(
    Guid Id,
    string Status,
    string Kind,
    string Direction,
    Guid FromAccountId,
    Guid ToAccountId,
    long Amount,
    string Currency,
    string? Memo,
    DateTime CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTime? ExpiresAt,
    BalanceAfterView BalanceAfter
);

/// <summary>A page, newest first. <c>nextCursor</c> is null on the last one.</summary>
public sealed record TransactionPage(IReadOnlyList<TransactionView> Items, string? NextCursor);

/// <summary>An account's history.</summary>
public static class StatementEndpoints
{
    internal const int LimitDefault = 20;
    internal const int LimitMax = 100;

    public static IServiceCollection AddStatements(this IServiceCollection services) => services.AddSingleton<HistoryPages>();

    /// <summary>Maps <c>/v1/accounts/{id}/transactions</c>.</summary>
    public static RouteHandlerBuilder MapStatements(this RouteGroupBuilder accounts) =>
        accounts
            .MapGet("/{id}/transactions", PageAsync)
            .WithTags("Statements")
            .WithSummary("What happened on an account")
            .WithName("ListTransactions");

    private static async Task<Results<JsonBody<TransactionPage>, Problem>> PageAsync(
        string id,
        HttpContext context,
        HistoryPages pages,
        string? limit,
        string? cursor,
        string? from,
        string? to,
        string? direction,
        string? status,
        string? counterparty
    )
    {
        var accountId = PathId.Parse(id);
        var problem = Problems.Of(ProblemCode.InvalidRequest);
        var query = new HistoryQuery(
            accountId,
            ReadLimit(limit, problem),
            ReadCursor(cursor, accountId, problem),
            ReadTime("from", from, problem),
            ReadTime("to", to, problem),
            ReadDirection(direction, problem),
            ReadStatus(status, problem),
            ReadCounterparty(counterparty, problem)
        );
        if (query is { From: { } start, To: { } end } && start >= end)
        {
            problem.Errors["to"] = ["Must be after from."];
        }
        if (problem.Errors.Count > 0)
        {
            return problem;
        }
        return await pages.ReadAsync(query, context);
    }

    private static int ReadLimit(string? text, Problem problem)
    {
        if (text is null)
        {
            return LimitDefault;
        }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > LimitMax)
        {
            problem.Errors["limit"] = [$"Must be a whole number from 1 to {LimitMax}."];
        }
        return limit;
    }

    private static long ReadCursor(string? text, Guid accountId, Problem problem)
    {
        if (text is null)
        {
            return long.MaxValue;
        }
        if (!HistoryCursor.TryParse(text, out var cursor) || cursor.AccountId != accountId)
        {
            problem.Errors["cursor"] = ["Must be a nextCursor of this account's history."];
        }
        return cursor.Version;
    }

    private static DateTime? ReadTime(string field, string? text, Problem problem)
    {
        if (text is null)
        {
            return null;
        }
        if (!Timestamps.TryParse(text, out var at))
        {
            problem.Errors[field] = [Timestamps.Expected];
        }
        return at;
    }

    private static bool? ReadDirection(string? text, Problem problem)
    {
        if (text is not (null or "in" or "out"))
        {
            problem.Errors["direction"] = ["Must be in or out."];
        }
        return text is null ? null : text == "in";
    }

    private static TransferStatus? ReadStatus(string? text, Problem problem)
    {
        if (text is null)
        {
            return null;
        }
        foreach (var status in Enum.GetValues<TransferStatus>())
        {
            if (TransferWords.Of(status) == text)
            {
                return status;
            }
        }
        problem.Errors["status"] = ["Must be posted, pending, cancelled or expired."];
        return null;
    }

    private static Guid? ReadCounterparty(string? text, Problem problem)
    {
        if (text is null)
        {
            return null;
        }
        if (!Guid.TryParseExact(text, "D", out var id))
        {
            problem.Errors["counterparty"] = ["Must be the other account's id."];
        }
        return id;
    }
}
