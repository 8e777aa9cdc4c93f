using QuickPay.Accounts;
using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>
/// Decides one posting against the locked accounts of its batch: no I/O, no clock, no randomness. A request is decided in
/// arrival order after its neighbours and sees what they did; when it is refused it leaves no trace and they go on.
/// </summary>
public static class PostingDecision
{
    /// <summary>No hold lasts longer.</summary>
    public static readonly TimeSpan HoldMax = TimeSpan.FromDays(30);

    /// <summary>Applies the request to <paramref name="accounts"/> and appends its rows, or refuses it and changes nothing.</summary>
    /// <param name="accounts">The locked state; changed in place when the request is accepted.</param>
    /// <param name="request">What to post.</param>
    /// <param name="outcomeId">The id of the first row.</param>
    /// <param name="ids">Where the ids of further legs come from.</param>
    /// <param name="limits">Limits by tier.</param>
    /// <param name="rows">Accepted rows are appended here.</param>
    /// <returns>The refusal, with code <see cref="TransferRefusal.None"/> when the request was accepted.</returns>
    public static Refusal Decide(
        BatchAccounts accounts,
        PostingRequest request,
        Guid outcomeId,
        Uuid7Sequence ids,
        TransferLimits limits,
        List<Transfer> rows
    )
    {
        if (request.LinkedLegs.Count > 0)
        {
            if (!Moves(request.Kind) || !request.LinkedLegs.All(leg => Moves(leg.Kind)))
            {
                throw new InvalidOperationException("Only what moves money at once can be linked: a hold and its end stand alone.");
            }
            return DecideLinked(accounts, request, outcomeId, ids, limits, rows);
        }
        return request.Kind switch
        {
            TransferKind.Hold => DecideHold(accounts, request, outcomeId, limits, rows),
            TransferKind.Capture or TransferKind.Cancel or TransferKind.Expire => DecideClose(accounts, request, outcomeId, limits, rows),
            TransferKind.Transfer or TransferKind.Deposit or TransferKind.Withdrawal or TransferKind.Fee => DecideMove(
                accounts,
                request,
                outcomeId,
                limits,
                rows
            ),
        };
    }

    private static bool Moves(TransferKind kind) =>
        kind is TransferKind.Transfer or TransferKind.Deposit or TransferKind.Withdrawal or TransferKind.Fee;

    private static Refusal DecideMove(BatchAccounts accounts, PostingRequest request, Guid id, TransferLimits limits, List<Transfer> rows)
    {
        if (CheckParties(accounts, request, out var debit, out var credit) is var parties && parties != TransferRefusal.None)
        {
            return new Refusal(parties);
        }
        var refusal = CheckSender(debit!, request, accounts.Today, limits);
        if (refusal.Code != TransferRefusal.None)
        {
            return refusal;
        }
        refusal = CheckRecipient(credit!, request.Amount, request.Kind, limits);
        if (refusal.Code != TransferRefusal.None)
        {
            return refusal;
        }
        if (CountsAsSent(request.Kind))
        {
            CountSent(debit!, request.Amount, accounts.Today);
        }
        rows.Add(Move(debit!, credit!, request, id, request.Amount, link: null, accounts.Now));
        return default;
    }

    private static Refusal DecideHold(BatchAccounts accounts, PostingRequest request, Guid id, TransferLimits limits, List<Transfer> rows)
    {
        if (CheckParties(accounts, request, out var debit, out _) is var parties && parties != TransferRefusal.None)
        {
            return new Refusal(parties);
        }
        var refusal = CheckSender(debit!, request, accounts.Today, limits);
        if (refusal.Code != TransferRefusal.None)
        {
            return refusal;
        }
        // Decided here and not where fields are checked: asked again later, a hold that was posted is still answered as the first time.
        if (request.ExpiresAt <= accounts.Now || request.ExpiresAt > accounts.Now + HoldMax)
        {
            return new Refusal(TransferRefusal.ExpiryOutOfRange);
        }
        CountSent(debit!, request.Amount, accounts.Today);
        debit!.Held = checked(debit.Held + request.Amount);
        rows.Add(Touch(debit, request, id, request.Amount, link: null, accounts.Now));
        return default;
    }

    /// <summary>Capture moves the amount or less and frees the rest; cancel and expiry free all of it.</summary>
    private static Refusal DecideClose(BatchAccounts accounts, PostingRequest request, Guid id, TransferLimits limits, List<Transfer> rows)
    {
        var debit = accounts.Find(request.DebitAccount);
        var credit = accounts.Find(request.CreditAccount);
        if (debit is null || credit is null || !Owns(request, debit, credit))
        {
            return new Refusal(TransferRefusal.AccountNotFound);
        }
        var capturing = request.Kind == TransferKind.Capture;
        if (capturing && (debit.Status != AccountStatus.Active || credit.Status != AccountStatus.Active))
        {
            return new Refusal(TransferRefusal.AccountClosed);
        }
        if (debit.Currency != request.Currency || credit.Currency != request.Currency)
        {
            return new Refusal(TransferRefusal.CurrencyMismatch);
        }
        // A hold past its time is over for members, whether or not its expiry was posted yet.
        var hold = accounts.FindHold(request.HoldId);
        var over = hold is not null && hold.ExpiresAt <= accounts.Now && request.Kind != TransferKind.Expire;
        if (hold is null || over || !IsBetween(hold, request) || (capturing && request.Amount > hold.Amount))
        {
            return new Refusal(TransferRefusal.TransferNotPending);
        }
        var captured = capturing ? (request.Amount == 0 ? hold.Amount : request.Amount) : 0;
        if (capturing)
        {
            var refusal = CheckRecipient(credit, captured, request.Kind, limits);
            if (refusal.Code != TransferRefusal.None)
            {
                return refusal;
            }
        }
        accounts.Close(hold);
        debit.Held = checked(debit.Held - hold.Amount);
        if (hold.Day == debit.Day)
        {
            debit.DaySent -= hold.Amount - captured;
        }
        rows.Add(
            capturing
                ? Move(debit, credit, request, id, captured, hold.TransferId, accounts.Now)
                : Touch(debit, request, id, hold.Amount, hold.TransferId, accounts.Now)
        );
        return default;
    }

    private static bool IsBetween(OpenHold hold, PostingRequest request) =>
        hold.DebitAccount == request.DebitAccount && hold.CreditAccount == request.CreditAccount;

    /// <summary>Legs are decided one after the other; the first refusal puts every account back.</summary>
    private static Refusal DecideLinked(
        BatchAccounts accounts,
        PostingRequest request,
        Guid id,
        Uuid7Sequence ids,
        TransferLimits limits,
        List<Transfer> rows
    )
    {
        var before = new List<(AccountState Account, long Balance, long Held, long Version, DateOnly Day, long DaySent, bool Changed)>();
        foreach (var accountId in AccountsOf(request).Distinct())
        {
            if (accounts.Find(accountId) is { } account)
            {
                before.Add((account, account.Balance, account.Held, account.Version, account.Day, account.DaySent, account.Changed));
            }
        }
        var rowsBefore = rows.Count;
        var refusal = DecideMove(accounts, request, id, limits, rows);
        foreach (var leg in request.LinkedLegs)
        {
            if (refusal.Code != TransferRefusal.None)
            {
                break;
            }
            var legRequest = request with
            {
                Kind = leg.Kind,
                DebitAccount = leg.DebitAccount,
                CreditAccount = leg.CreditAccount,
                Amount = leg.Amount,
                Memo = leg.Memo,
                OwnerSide = OwnerSide.House,
                LinkedLegs = [],
            };
            refusal = DecideMove(accounts, legRequest, ids.Next(), limits, rows);
            if (refusal.Code == TransferRefusal.None)
            {
                rows[^1] = rows[^1] with { Link = id };
            }
        }
        if (refusal.Code != TransferRefusal.None)
        {
            rows.RemoveRange(rowsBefore, rows.Count - rowsBefore);
            foreach (var (account, balance, held, version, day, daySent, changed) in before)
            {
                (account.Balance, account.Held, account.Version) = (balance, held, version);
                (account.Day, account.DaySent, account.Changed) = (day, daySent, changed);
            }
        }
        return refusal;
    }

    /// <summary>Every account that a request may touch, some twice. The batch has locked them (<see cref="BatchColumns.FillFirst"/>).</summary>
    private static IEnumerable<Guid> AccountsOf(PostingRequest request)
    {
        yield return request.DebitAccount;
        yield return request.CreditAccount;
        foreach (var leg in request.LinkedLegs)
        {
            yield return leg.DebitAccount;
            yield return leg.CreditAccount;
        }
    }

    private static TransferRefusal CheckParties(
        BatchAccounts accounts,
        PostingRequest request,
        out AccountState? debit,
        out AccountState? credit
    )
    {
        debit = accounts.Find(request.DebitAccount);
        credit = accounts.Find(request.CreditAccount);
        if (!Owns(request, debit, credit) || (debit is null && request.OwnerSide != OwnerSide.Credit))
        {
            return TransferRefusal.AccountNotFound;
        }
        if (debit is null || credit is null || IsHouseToMembers(credit, request))
        {
            return TransferRefusal.RecipientNotFound;
        }
        if (debit == credit)
        {
            return TransferRefusal.SameAccount;
        }
        if (debit.Status != AccountStatus.Active || credit.Status != AccountStatus.Active)
        {
            return TransferRefusal.AccountClosed;
        }
        return debit.Currency != request.Currency || credit.Currency != request.Currency
            ? TransferRefusal.CurrencyMismatch
            : TransferRefusal.None;
    }

    /// <summary>House accounts take part in deposits, withdrawals and fees; to a member who sends or holds money they do not exist.</summary>
    private static bool IsHouseToMembers(AccountState credit, PostingRequest request) =>
        credit.Tier == Tier.House && request.Kind is (TransferKind.Transfer or TransferKind.Hold);

    private static bool Owns(PostingRequest request, AccountState? debit, AccountState? credit) =>
        request.OwnerSide switch
        {
            OwnerSide.House => true,
            OwnerSide.Debit => debit?.Owner == request.Owner,
            OwnerSide.Credit => credit?.Owner == request.Owner,
            OwnerSide.Either => debit?.Owner == request.Owner || credit?.Owner == request.Owner,
        };

    private static Refusal CheckSender(AccountState debit, PostingRequest request, DateOnly today, TransferLimits limits)
    {
        if (CountsAsSent(request.Kind))
        {
            var tier = limits.For(debit.Tier);
            if (request.Amount > tier.PerTransfer)
            {
                return new Refusal(TransferRefusal.LimitExceeded, LimitKind.PerTransfer, tier.PerTransfer);
            }
            var left = tier.PerDay - (debit.Day < today ? 0 : debit.DaySent);
            if (request.Amount > left)
            {
                return new Refusal(TransferRefusal.LimitExceeded, LimitKind.PerDay, Math.Max(0, left));
            }
        }
        return request.Amount > Spendable(debit, request.Kind) ? new Refusal(TransferRefusal.InsufficientFunds) : default;
    }

    /// <summary>In 128 bits: a house account may be further above its floor than a long counts. What is held must stay a long.</summary>
    private static Int128 Spendable(AccountState account, TransferKind kind)
    {
        var spendable = (Int128)account.Available - account.Floor;
        return kind == TransferKind.Hold ? Int128.Min(spendable, long.MaxValue - account.Held) : spendable;
    }

    private static Refusal CheckRecipient(AccountState credit, long amount, TransferKind kind, TransferLimits limits)
    {
        var left = (Int128)limits.For(credit.Tier).WalletCap - credit.Balance;
        if (amount <= left && amount <= long.MaxValue - Math.Max(0, credit.Balance))
        {
            return default;
        }
        // What is left in somebody else's wallet is theirs to know.
        return kind == TransferKind.Deposit
            ? new Refusal(TransferRefusal.LimitExceeded, LimitKind.WalletCap, (long)Int128.Clamp(left, 0, long.MaxValue))
            : new Refusal(TransferRefusal.RecipientLimitExceeded);
    }

    private static bool CountsAsSent(TransferKind kind) => kind is TransferKind.Transfer or TransferKind.Hold or TransferKind.Withdrawal;

    private static void CountSent(AccountState debit, long amount, DateOnly today)
    {
        // Not "another day": a server whose clock is behind must not give yesterday's limit anew.
        if (debit.Day < today)
        {
            (debit.Day, debit.DaySent) = (today, 0);
        }
        // Without limits (house, load) the count may pass any bound; it stops at the largest number.
        debit.DaySent = amount > long.MaxValue - debit.DaySent ? long.MaxValue : debit.DaySent + amount;
    }

    private static Transfer Move(
        AccountState debit,
        AccountState credit,
        PostingRequest request,
        Guid id,
        long amount,
        Guid? link,
        DateTime now
    )
    {
        debit.Balance = checked(debit.Balance - amount);
        credit.Balance = checked(credit.Balance + amount);
        return Row(request, id, amount, link, now, After(debit), After(credit));
    }

    /// <summary>A row that changes only what the debit side holds back.</summary>
    private static Transfer Touch(AccountState debit, PostingRequest request, Guid id, long amount, Guid? link, DateTime now) =>
        Row(request, id, amount, link, now, After(debit), default);

    private static SideAfter After(AccountState account)
    {
        account.Version++;
        account.Changed = true;
        LedgerInvariants.Check(account);
        return new SideAfter(account.Balance, account.Held, account.Version);
    }

    private static Transfer Row(
        PostingRequest request,
        Guid id,
        long amount,
        Guid? link,
        DateTime now,
        SideAfter debit,
        SideAfter credit
    ) =>
        new()
        {
            Id = id,
            Kind = request.Kind,
            DebitAccount = request.DebitAccount,
            CreditAccount = request.CreditAccount,
            Amount = amount,
            Currency = request.Currency,
            Debit = debit,
            Credit = credit,
            CreatedAt = now,
            Memo = request.Memo,
            Link = link,
            ExpiresAt = request.ExpiresAt,
        };
}
