using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using QuickPay.Accounts;
using QuickPay.Api.Sessions;
using QuickPay.Api.Transfers;
using QuickPay.Caches;
using QuickPay.Money;
using QuickPay.Postgres;
using QuickPay.Transfers;

namespace QuickPay.Api.Statements;

/// <summary>
/// Pages of histories. The account's balance comes first, whatever it is read from: it says whose the account is and which version a page
/// must have. The first page, as apps ask for it, is kept in the cache; the others are read.
/// </summary>
internal sealed class HistoryPages(Balances balances, FirstPages firstPages, TransferReader transfers, IOptions<JsonOptions> json)
{
    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    public async Task<Results<JsonBody<TransactionPage>, Problem>> ReadAsync(HistoryQuery query, HttpContext context)
    {
        var seen = Consistency.Read(context.Request);
        var read = await balances.ReadAsync(query.AccountId, context.GetCaller().MemberId, seen, context.RequestAborted);
        if (read.Balance is not { } balance)
        {
            return Problems.Of(read.IsOverloaded ? ProblemCode.Overloaded : ProblemCode.AccountNotFound);
        }
        if (Consistency.IsBehind(seen, balance.Token()))
        {
            return Problems.Of(ProblemCode.UnavailableRetry);
        }
        var page = await PageAsync(query, balance, context.RequestAborted);
        if (page is null)
        {
            return Problems.Of(ProblemCode.Overloaded);
        }
        if (page.Timeline != balance.Timeline || page.Version < balance.Version)
        {
            // This server reads from a primary that has been replaced, and does not know it.
            return Problems.Of(ProblemCode.UnavailableRetry);
        }
        // A page may be newer than the balance beside it.
        var shown = balance.Token() with
        {
            Version = page.Version,
            Lsn = Math.Max(balance.Lsn, page.Lsn),
        };
        Consistency.Write(context, shown, seen);
        return new JsonBody<TransactionPage>(page.Body);
    }

    private ValueTask<FirstPage?> PageAsync(HistoryQuery query, AccountBalance balance, CancellationToken cancellationToken) =>
        query == new HistoryQuery(query.AccountId, StatementEndpoints.LimitDefault)
            // Whoever asked may go away; the others still wait for the answer.
            ? firstPages.ReadAsync(
                query.AccountId,
                balance.Version,
                balance.Timeline,
                () => LoadAsync(query, balance, CancellationToken.None),
                cancellationToken
            )
            : new ValueTask<FirstPage?>(LoadAsync(query, balance, cancellationToken));

    private async Task<FirstPage?> LoadAsync(HistoryQuery query, AccountBalance balance, CancellationToken cancellationToken)
    {
        var atLeast = new LogPosition(balance.Timeline, balance.Lsn);
        // One row more than the page tells whether there is a next one.
        if (await transfers.HistoryAsync(query with { Limit = query.Limit + 1 }, atLeast, cancellationToken) is not { } history)
        {
            return null;
        }
        var items = history.Items;
        var next = items.Count > query.Limit ? new HistoryCursor(query.AccountId, items[query.Limit - 1].After.Version).ToString() : null;
        var page = new TransactionPage([.. items.Take(query.Limit).Select(View)], next);
        return new FirstPage(history.Timeline, history.Lsn, history.Version, JsonSerializer.SerializeToUtf8Bytes(page, _json));
    }

    private static TransactionView View(HistoryItem item) =>
        new(
            item.TransferId,
            TransferWords.Of(item.Status),
            TransferWords.Of(item.Kind),
            item.Incoming ? "in" : "out",
            item.DebitAccount,
            item.CreditAccount,
            item.Amount,
            item.Currency.Code(),
            item.Memo,
            item.CreatedAt,
            item.ExpiresAt,
            BalanceAfterView.Of(item.After)
        );
}
