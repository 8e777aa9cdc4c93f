using CsCheck;
using QuickPay.Accounts;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Ledger;

internal enum Verb
{
    Deposit,
    Send,
    Hold,
    HoldThatIsOver,
    Capture,
    CaptureAll,
    Cancel,
    Expire,

    /// <summary>A request that was sent before, once more.</summary>
    Replay,

    /// <summary>A key that was used before, with another amount.</summary>
    ReuseKey,
}

/// <summary>One thing to do, by numbers that find something in any story.</summary>
internal sealed record Operation(Verb Verb, int From, int To, int Asks, int Earlier, long Amount)
{
    public static readonly Gen<Operation> Any =
        from verb in Gen.Frequency(
            (4, Verb.Deposit),
            (6, Verb.Send),
            (3, Verb.Hold),
            (1, Verb.HoldThatIsOver),
            (2, Verb.Capture),
            (2, Verb.CaptureAll),
            (1, Verb.Cancel),
            (1, Verb.Expire),
            (2, Verb.Replay),
            (1, Verb.ReuseKey)
        )
        from fromWallet in Gen.Int[0, 3]
        from toWallet in Gen.Int[0, 4]
        from asks in Gen.Frequency((9, Gen.Const(fromWallet)), (1, Gen.Int[0, 3]))
        from earlier in Gen.Int[0, 7]
        from amount in Gen.Frequency((6, Gen.Long[1, 3_000]), (1, Gen.Long[4_990, 5_010]), (1, Gen.Long[10_000, 21_000]))
        select new Operation(verb, fromWallet, toWallet, asks, earlier, amount);
}

/// <summary>What one play of a plan knows: its wallets, its model, and what was asked and answered so far. Clients share it.</summary>
internal sealed class Story(Wallet[] wallets, LedgerModel model, Func<long> nextKey)
{
    private static readonly Guid Nobody = new("0198c8a1-0000-7000-8000-ffffffffffff");
    private readonly Lock _lock = new();
    private readonly List<PostingRequest> _asked = [];
    private readonly List<Transfer> _holds = [];
    private readonly List<(PostingRequest Asked, PostingOutcome Outcome)> _answers = [];

    public IReadOnlyList<Wallet> Wallets => wallets;

    public LedgerModel Model => model;

    public IReadOnlyList<(PostingRequest Asked, PostingOutcome Outcome)> Answers => _answers;

    /// <summary>The request that an operation means now. What looks back finds the newest, so that clients meet.</summary>
    public PostingRequest Ask(Operation operation)
    {
        lock (_lock)
        {
            var asked = operation.Verb switch
            {
                Verb.Replay when _asked.Count > 0 => Newest(_asked, operation.Earlier),
                Verb.ReuseKey when _asked.Count > 0 => Changed(Newest(_asked, operation.Earlier)),
                _ => New(operation),
            };
            _asked.Add(asked);
            return asked;
        }
    }

    public void Remember(PostingRequest asked, PostingOutcome outcome)
    {
        lock (_lock)
        {
            _answers.Add((asked, outcome));
            if (outcome is { Status: PostingStatus.Posted, Replayed: false, Transfer: { Kind: TransferKind.Hold } hold })
            {
                _holds.Add(hold);
            }
        }
    }

    private PostingRequest New(Operation operation)
    {
        var wallet = wallets[operation.From];
        var to = operation.To < wallets.Length ? wallets[operation.To].Id : Nobody;
        var hold = _holds.Count > 0 ? Newest(_holds, operation.Earlier) : null;
        var asked = operation.Verb switch
        {
            Verb.Send => wallet.Send(operation.Amount, to),
            Verb.Hold => wallet.Hold(operation.Amount, to),
            Verb.HoldThatIsOver => wallet.Hold(operation.Amount, to, lasts: TimeSpan.FromHours(-1)),
            Verb.Capture when hold is not null => wallet.Close(TransferKind.Capture, hold, 1 + operation.Amount % (hold.Amount + 1)),
            Verb.CaptureAll when hold is not null => wallet.Close(TransferKind.Capture, hold),
            Verb.Cancel when hold is not null => wallet.Close(TransferKind.Cancel, hold),
            Verb.Expire when hold is not null => wallet.Close(TransferKind.Expire, hold) with { OwnerSide = OwnerSide.House },
            _ => wallet.Deposit(operation.Amount),
        };
        return WithDigests(asked with { Owner = wallets[operation.Asks].Owner }, key: nextKey());
    }

    private static PostingRequest Changed(PostingRequest earlier) =>
        WithDigests(earlier with { Amount = earlier.Amount + 1 }) with
        {
            KeyDigest = earlier.KeyDigest,
        };

    private static PostingRequest WithDigests(PostingRequest asked, long key = 0) =>
        asked with
        {
            KeyDigest = new RequestDigest("key").Add(key).Finish(),
            RequestDigest = new RequestDigest("model")
                .Add((long)asked.Kind)
                .Add(asked.DebitAccount)
                .Add(asked.CreditAccount)
                .Add(asked.Amount)
                .Add(asked.HoldId)
                .Finish(),
        };

    private static T Newest<T>(List<T> list, int earlier) => list[list.Count - 1 - earlier % list.Count];
}
