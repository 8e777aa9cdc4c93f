using System.Globalization;
using System.Text;
using QuickPay.Ledger;
using QuickPay.Members;
using QuickPay.Money;

namespace QuickPay.Api.Transfers;

/// <summary>A body that can be posted: every field checked, nothing looked up yet.</summary>
public sealed record SendMoney(
    Guid FromAccountId,
    RecipientBody To,
    long Amount,
    Currency Currency,
    string? Memo,
    string? Pin,
    bool Hold,
    DateTime? ExpiresAt
);

/// <summary>Turns what a client sent into what can be posted, and names every field that is wrong.</summary>
public static class TransferValidation
{
    public const int MemoRunesMax = 200;

    /// <summary>A hold without a time of its own returns after this long.</summary>
    public static readonly TimeSpan HoldDefault = TimeSpan.FromDays(7);

    /// <summary>The answer to a hold whose end is past or too far away.</summary>
    public static Problem ExpiryOutOfRange =>
        Problems.Invalid("expiresAt", $"Must be in the future, at most {PostingDecision.HoldMax.Days} days from now.");

    public static (SendMoney? Request, Problem? Problem) Check(SendMoneyBody body)
    {
        var problem = Problems.Of(ProblemCode.InvalidRequest);
        var from = CheckId("fromAccountId", body.FromAccountId, problem);
        CheckRecipient(body.To, problem);
        var (amount, currency) = CheckMoney(body.Amount, body.Currency, problem);
        CheckMemo(body.Memo, problem);
        if (body.Pin is not null && !Pins.IsWellFormed(body.Pin))
        {
            problem.Errors["pin"] = [$"Must be {Pins.Length} digits."];
        }
        var hold = body.Hold ?? false;
        var expiresAt = CheckExpiry(body.ExpiresAt, hold, problem);
        return problem.Errors.Count > 0
            ? (null, problem)
            : (new SendMoney(from, body.To!, amount, currency, body.Memo, body.Pin, hold, expiresAt), null);
    }

    public static (long Amount, Currency Currency) CheckMoney(long? amount, string? currency, Problem problem)
    {
        if (amount is null or <= 0)
        {
            problem.Errors["amount"] = ["Must be a whole number of minor units, 1 or more."];
        }
        if (!Currencies.TryParse(currency, out var parsed))
        {
            problem.Errors["currency"] = ["Must be a currency of this service, in three capital letters, such as KRW."];
        }
        return (amount ?? 0, parsed);
    }

    private static Guid CheckId(string field, string? text, Problem problem)
    {
        if (Guid.TryParseExact(text, "D", out var id))
        {
            return id;
        }
        problem.Errors[field] = ["Must be an account's id, such as 0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11."];
        return Guid.Empty;
    }

    private static void CheckRecipient(RecipientBody? to, Problem problem)
    {
        var given = to is null ? 0 : (to.Phone is null ? 0 : 1) + (to.AccountNumber is null ? 0 : 1) + (to.AccountId is null ? 0 : 1);
        if (given != 1)
        {
            problem.Errors["to"] = ["Must have exactly one of phone, accountNumber and accountId."];
        }
        else if (to!.AccountId is not null)
        {
            CheckId("to.accountId", to.AccountId, problem);
        }
        else if ((to.Phone ?? to.AccountNumber)!.Length is 0 or > 40)
        {
            problem.Errors[to.Phone is null ? "to.accountNumber" : "to.phone"] = ["Must have 1 to 40 characters."];
        }
    }

    private static void CheckMemo(string? memo, Problem problem)
    {
        if (memo is null)
        {
            return;
        }
        var runes = 0;
        foreach (var rune in memo.EnumerateRunes())
        {
            runes++;
            if (IsForbidden(rune))
            {
                problem.Errors["memo"] = ["Must not have control characters."];
                return;
            }
        }
        if (runes > MemoRunesMax)
        {
            problem.Errors["memo"] = [$"Must have at most {MemoRunesMax} characters."];
        }
    }

    /// <summary>Controls, line separators, and the marks that turn the direction of the text around them.</summary>
    private static bool IsForbidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0xFFFD or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    private static DateTime? CheckExpiry(string? text, bool hold, Problem problem)
    {
        if (text is null)
        {
            return null;
        }
        if (!Timestamps.TryParse(text, out var at))
        {
            problem.Errors["expiresAt"] = [Timestamps.Expected];
        }
        else if (!hold)
        {
            problem.Errors["expiresAt"] = ["Only a transfer with hold true expires."];
        }
        // Whether it is past or too far away, the ledger decides: a retry may come at another time, to another clock.
        return at;
    }
}
