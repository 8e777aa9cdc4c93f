using QuickPay.Accounts;
using QuickPay.Ledger;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>What the ledger answers to one request: how it ended, and both sides after it.</summary>
internal sealed record ModelAnswer(PostingStatus Status, Refusal Refusal, SideAfter Debit, SideAfter Credit, bool Replayed = false);

/// <summary>The ledger in memory: one request at a time, no batches, no locks, no SQL. What the engine answers must be what this answers.</summary>
internal sealed class LedgerModel(TierLimits limits, DateTime now)
{
    private readonly Dictionary<Guid, PostingRequest> _holds = [];
    private readonly Dictionary<Guid, (Guid Digest, ModelAnswer Answer)> _keys = [];

    public Dictionary<Guid, (Guid Owner, SideAfter Side)> Accounts { get; } = [];

    /// <param name="id">Of the row that the engine wrote, under which a hold is closed later.</param>
    public ModelAnswer Post(PostingRequest asked, Guid id)
    {
        if (!_keys.TryGetValue(asked.KeyDigest, out var first))
        {
            _keys[asked.KeyDigest] = (asked.RequestDigest, Decide(asked, id));
            return _keys[asked.KeyDigest].Answer;
        }
        return first.Digest == asked.RequestDigest
            ? first.Answer with
            {
                Replayed = true,
            }
            : new(PostingStatus.KeyReused, default, default, default);
    }

    private ModelAnswer Decide(PostingRequest asked, Guid id)
    {
        var hold = _holds.GetValueOrDefault(asked.HoldId);
        var closes = asked.HoldId != Guid.Empty;
        var amount = asked is { Kind: TransferKind.Capture, Amount: 0 } && hold is not null ? hold.Amount : asked.Amount;
        if (Refuse(asked, hold, closes, amount) is { Code: not TransferRefusal.None } refusal)
            return new(PostingStatus.Refused, refusal, default, default);
        if (asked.Kind == TransferKind.Hold)
            _holds[id] = asked;
        _holds.Remove(asked.HoldId);
        var moves = asked.Kind is TransferKind.Transfer or TransferKind.Deposit or TransferKind.Capture;
        var held =
            closes ? -hold!.Amount
            : asked.Kind == TransferKind.Hold ? amount
            : 0;
        var debit = Change(asked.DebitAccount, moves ? -amount : 0, held);
        return new(PostingStatus.Posted, default, debit, moves ? Change(asked.CreditAccount, amount, 0) : default);
    }

    private Refusal Refuse(PostingRequest asked, PostingRequest? hold, bool closes, long amount)
    {
        var debit = Accounts[asked.DebitAccount];
        var credit = Accounts.GetValueOrDefault(asked.CreditAccount);
        var pays = asked.Kind is TransferKind.Transfer or TransferKind.Hold;
        var left = limits.WalletCap - credit.Side.Balance;
        Guid[] mayAsk = asked.OwnerSide switch
        {
            OwnerSide.House => [asked.Owner],
            OwnerSide.Debit => [debit.Owner],
            OwnerSide.Credit => [credit.Owner],
            OwnerSide.Either => [debit.Owner, credit.Owner],
        };
        return !mayAsk.Contains(asked.Owner) ? new(TransferRefusal.AccountNotFound)
            : credit.Owner == default ? new(TransferRefusal.RecipientNotFound)
            : debit == credit ? new(TransferRefusal.SameAccount)
            : closes && (hold is null || (hold.ExpiresAt <= now && asked.Kind != TransferKind.Expire))
                ? new(TransferRefusal.TransferNotPending)
            : asked.Kind == TransferKind.Capture && amount > hold!.Amount ? new(TransferRefusal.TransferNotPending)
            : pays && amount > limits.PerTransfer ? new(TransferRefusal.LimitExceeded, LimitKind.PerTransfer, limits.PerTransfer)
            : pays && amount > debit.Side.Available ? new(TransferRefusal.InsufficientFunds)
            : asked.Kind == TransferKind.Hold && (asked.ExpiresAt <= now || asked.ExpiresAt > now + PostingDecision.HoldMax)
                ? new(TransferRefusal.ExpiryOutOfRange)
            : amount <= left || asked.Kind is not (TransferKind.Transfer or TransferKind.Deposit or TransferKind.Capture) ? default
            : asked.Kind == TransferKind.Deposit ? new(TransferRefusal.LimitExceeded, LimitKind.WalletCap, left)
            : new(TransferRefusal.RecipientLimitExceeded);
    }

    private SideAfter Change(Guid account, long balance, long held)
    {
        var (owner, was) = Accounts[account];
        Accounts[account] = (owner, new SideAfter(was.Balance + balance, was.Held + held, was.Version + 1));
        return Accounts[account].Side;
    }
}
