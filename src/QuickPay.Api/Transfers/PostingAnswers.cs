using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Api.Transfers;

/// <summary>What the ledger answered, in the words of HTTP.</summary>
public static class PostingAnswers
{
    /// <summary>The problem that an outcome is, which may be a replay like any other answer; null when it was posted.</summary>
    public static Problem? ProblemOf(HttpContext context, PostingOutcome outcome)
    {
        MarkReplay(context, outcome);
        return outcome.Status switch
        {
            PostingStatus.Posted => null,
            PostingStatus.Refused => ProblemOf(outcome.Refusal),
            PostingStatus.KeyReused => Problems.Of(ProblemCode.IdempotencyKeyReused),
            PostingStatus.KeyInProgress => Problems.Of(ProblemCode.IdempotencyInProgress),
            PostingStatus.Overloaded => Problems.Of(ProblemCode.Overloaded),
            PostingStatus.Unavailable => Problems.Of(ProblemCode.UnavailableRetry),
            PostingStatus.Unknown => Problems.Of(ProblemCode.OutcomeUnknown),
        };
    }

    /// <summary>A sent or held transfer, to its sender.</summary>
    public static TransferView Sent(HttpContext context, PostingOutcome outcome)
    {
        var row = outcome.Transfer!;
        WriteToken(context, outcome, row.DebitAccount, row.Debit.Version);
        return View(row, TransferDetails.StatusOf(row.Kind, closing: null), row.Debit);
    }

    /// <summary>A deposit, to the one who received it.</summary>
    public static TransferView Received(HttpContext context, PostingOutcome outcome)
    {
        var row = outcome.Transfer!;
        WriteToken(context, outcome, row.CreditAccount, row.Credit.Version);
        return View(row, TransferStatus.Posted, row.Credit);
    }

    /// <summary>A hold after its capture or cancel, to the one who closed it.</summary>
    public static TransferView Closed(HttpContext context, PostingOutcome outcome, TransferDetails hold, Guid memberId)
    {
        var closing = outcome.Transfer!;
        var closed = hold with { Closing = closing };
        var (account, side) = SideOf(closed, memberId);
        WriteToken(context, outcome, account, side.Version);
        return View(closed, memberId);
    }

    /// <summary>A transfer that was looked up, as <paramref name="memberId"/> sees it.</summary>
    public static TransferView Found(HttpContext context, TransferDetails details, Guid memberId)
    {
        var (account, side) = SideOf(details, memberId);
        Consistency.Write(context, new ConsistencyToken(details.Timeline, details.Lsn, account, side.Version));
        return View(details, memberId);
    }

    private static TransferView View(TransferDetails details, Guid memberId)
    {
        var captured = details.Closing?.Kind == TransferKind.Capture;
        return View(details.Row, details.Status, SideOf(details, memberId).Side) with
        {
            Amount = captured ? details.Closing!.Amount : details.Row.Amount,
        };
    }

    /// <summary>The caller's own side, as the newest row of this transfer left it. A sender to oneself is not possible.</summary>
    private static (Guid Account, SideAfter Side) SideOf(TransferDetails details, Guid memberId)
    {
        var newest = details.Closing ?? details.Row;
        return details.DebitOwner == memberId ? (newest.DebitAccount, newest.Debit) : (newest.CreditAccount, newest.Credit);
    }

    private static TransferView View(Transfer row, TransferStatus status, SideAfter own) =>
        new(
            row.Id,
            TransferWords.Of(status),
            TransferWords.Of(row.Kind),
            row.DebitAccount,
            row.CreditAccount,
            row.Amount,
            row.Currency.Code(),
            row.Memo,
            row.CreatedAt,
            row.ExpiresAt,
            own.Version == 0 ? null : BalanceAfterView.Of(own)
        );

    private static void WriteToken(HttpContext context, PostingOutcome outcome, Guid account, long version) =>
        Consistency.Write(context, new ConsistencyToken(outcome.Timeline, outcome.CommitLsn, account, version));

    private static void MarkReplay(HttpContext context, PostingOutcome outcome)
    {
        if (outcome.Replayed)
        {
            context.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        }
    }

    private static Problem ProblemOf(Refusal refusal)
    {
        var problem = refusal.Code switch
        {
            TransferRefusal.None => Problems.Of(ProblemCode.InternalError),
            TransferRefusal.AccountNotFound => Problems.Of(ProblemCode.AccountNotFound),
            TransferRefusal.RecipientNotFound => Problems.Of(ProblemCode.RecipientNotFound),
            TransferRefusal.SameAccount => Problems.Of(ProblemCode.SameAccount),
            TransferRefusal.AccountClosed => Problems.Of(ProblemCode.AccountClosed),
            TransferRefusal.CurrencyMismatch => Problems.Of(ProblemCode.CurrencyMismatch),
            TransferRefusal.TransferNotPending => Problems.Of(ProblemCode.TransferNotPending),
            TransferRefusal.LimitExceeded => Problems.Of(ProblemCode.LimitExceeded),
            TransferRefusal.InsufficientFunds => Problems.Of(ProblemCode.InsufficientFunds),
            TransferRefusal.RecipientLimitExceeded => Problems.Of(ProblemCode.RecipientLimitExceeded),
            TransferRefusal.ExpiryOutOfRange => TransferValidation.ExpiryOutOfRange,
        };
        if (refusal.Limit != LimitKind.None)
        {
            problem.Extensions["limit"] = WordOf(refusal.Limit);
            problem.Extensions["remaining"] = refusal.Remaining;
        }
        return problem;
    }

    internal static string WordOf(LimitKind limit) =>
        limit switch
        {
            LimitKind.None => "",
            LimitKind.PerTransfer => "perTransfer",
            LimitKind.PerDay => "perDay",
            LimitKind.WalletCap => "walletCap",
        };
}
