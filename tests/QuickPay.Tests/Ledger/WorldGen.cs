using CsCheck;
using QuickPay.Accounts;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Tests.Ledger;

/// <summary>An account that may be, before its holds are known.</summary>
internal sealed record AccountPlan(
    Tier Tier,
    AccountStatus Status,
    Currency Currency,
    long Available,
    long Version,
    long SentMore,
    bool SentToday
);

/// <summary>An open hold that may be, between two accounts by their number.</summary>
internal sealed record HoldPlan(int Debit, int Hop, long Amount, bool Today, int ExpiresInSeconds);

/// <summary>A request that may be asked; accounts and holds by their number, where one too many is one that is not there.</summary>
internal sealed record RequestPlan(
    TransferKind Kind,
    int Debit,
    int Credit,
    int Hold,
    long Amount,
    Currency Currency,
    int Asks,
    OwnerSide Side,
    int LastsSeconds,
    LegPlan[] Legs
);

internal sealed record LegPlan(TransferKind Kind, int Debit, int Credit, long Amount);

/// <summary>Accounts, open holds between them, and what is asked of them, as CsCheck makes and shrinks them.</summary>
internal sealed record Plan(AccountPlan[] Accounts, HoldPlan[] Holds, RequestPlan[] Requests)
{
    private static readonly DateOnly Yesterday = new(2026, 11, 21);

    public World Build()
    {
        var world = new World(new TransferLimits());
        var holds = Holds.Select((hold, n) => (Plan: hold, Open: Open(hold, n, world.Now, world.Today))).ToList();
        for (var n = 0; n < Accounts.Length; n++)
        {
            world.Put(Account(n, [.. holds.Where(hold => hold.Open.DebitAccount == AccountId(n)).Select(hold => hold.Open)], world.Today));
        }
        foreach (var (_, open) in holds)
        {
            world.Put(open);
        }
        return world;
    }

    public List<PostingRequest> Ask() => [.. Requests.Select(Ask)];

    /// <summary>First = 0 names this plan's own accounts; another one those of a neighbour that shares none of them.</summary>
    public int First { get; init; }

    public Guid AccountId(int n) => new(1 + First + n, 0, 0, new byte[8]);

    private Guid HoldId(int n) => new(1 + First + n, 1, 0, new byte[8]);

    /// <summary>What CsCheck prints of the smallest plan that fails.</summary>
    public override string ToString() =>
        string.Join(
            Environment.NewLine,
            Accounts
                .Cast<object>()
                .Concat(Holds)
                .Concat(Requests.SelectMany(request => new object[] { request }.Concat(request.Legs)))
                .Select(part => "  " + part)
                .Prepend("")
        );

    private (Guid Debit, Guid Credit) Parties(HoldPlan hold)
    {
        var debit = hold.Debit % Accounts.Length;
        return (AccountId(debit), AccountId((debit + 1 + hold.Hop % (Accounts.Length - 1)) % Accounts.Length));
    }

    private OpenHold Open(HoldPlan hold, int n, DateTime now, DateOnly today)
    {
        var (debit, credit) = Parties(hold);
        return new OpenHold(HoldId(n), debit, credit, hold.Amount, hold.Today ? today : Yesterday, now.AddSeconds(hold.ExpiresInSeconds));
    }

    private AccountState Account(int n, OpenHold[] holds, DateOnly today)
    {
        var plan = Accounts[n];
        var floor = plan.Tier == Tier.House ? -4_000_000_000_000_000_000 : 0;
        var held = holds.Sum(hold => hold.Amount);
        var day = plan.SentToday || holds.Any(hold => hold.Day == today) ? today : Yesterday;
        return new AccountState
        {
            Id = AccountId(n),
            Owner = plan.Tier == Tier.House ? Guid.Empty : AccountId(n),
            Floor = floor,
            Tier = plan.Tier,
            Status = plan.Status,
            Currency = plan.Currency,
            Balance = (long)Int128.Min((Int128)floor + plan.Available + held, long.MaxValue),
            Held = held,
            Version = plan.Version,
            Day = day,
            DaySent = holds.Where(hold => hold.Day == day).Sum(hold => hold.Amount) + plan.SentMore,
        };
    }

    private PostingRequest Ask(RequestPlan plan)
    {
        var closes = plan.Kind is TransferKind.Capture or TransferKind.Cancel or TransferKind.Expire;
        var (debit, credit) =
            closes && plan.Hold < Holds.Length ? Parties(Holds[plan.Hold]) : (AccountId(plan.Debit), AccountId(plan.Credit));
        return new PostingRequest
        {
            KeyDigest = default,
            RequestDigest = default,
            Kind = plan.Kind,
            DebitAccount = debit,
            CreditAccount = credit,
            Amount = plan.Amount,
            Currency = plan.Currency,
            Owner = AccountId(plan.Asks),
            OwnerSide = plan.Side,
            ExpiresAt = plan.Kind == TransferKind.Hold ? World.Noon.AddSeconds(plan.LastsSeconds) : null,
            HoldId = closes ? HoldId(plan.Hold) : default,
            LinkedLegs =
                plan.Kind is TransferKind.Hold || closes
                    ? []
                    : [.. plan.Legs.Select(leg => new LinkedLeg(leg.Kind, AccountId(leg.Debit), AccountId(leg.Credit), leg.Amount))],
        };
    }
}

internal static class WorldGen
{
    private const int AccountsMax = 5;

    /// <summary>Mostly small; else around every limit of the tiers; now and then at the edge of what a long is.</summary>
    public static readonly Gen<long> Amount = Gen.Frequency(
        (8, Gen.Long[1, 1_000]),
        (2, Gen.Long[1, 5_000_000]),
        (2, Gen.OneOf(500_000L, 500_001, 1_000_000, 1_000_001, 2_000_000, 2_000_001, 5_000_000, 5_000_001)),
        (1, Gen.OneOf(long.MaxValue, long.MaxValue - 1, long.MaxValue / 2, 4_000_000_000_000_000_000))
    );

    private static readonly Gen<Currency> Currencies = Gen.Frequency((12, Gen.Const(Currency.KRW)), (1, Gen.Const(Currency.USD)));

    private static readonly Gen<AccountPlan> Accounts = Gen.Select(
        Gen.Frequency((4, Tier.Verified), (3, Tier.Unverified), (2, Tier.Load), (2, Tier.House)),
        Gen.Frequency((12, AccountStatus.Active), (1, AccountStatus.Frozen), (1, AccountStatus.Closed)),
        Currencies,
        Gen.Frequency((1, Gen.Const(0L)), (6, Amount)),
        Gen.Long[0, 3],
        Gen.Frequency((3, Gen.Const(0L)), (1, Gen.Long[1, 5_000_000])),
        Gen.Bool,
        (tier, status, currency, available, version, sent, today) =>
            new AccountPlan(tier, status, currency, available, version, sent, today)
    );

    private static readonly Gen<HoldPlan> Holds = Gen.Select(
        Gen.Int[0, AccountsMax - 1],
        Gen.Int[0, AccountsMax - 2],
        Gen.Long[1, 100_000],
        Gen.Bool,
        Gen.Int[-2, 5],
        (debit, hop, amount, today, expires) => new HoldPlan(debit, hop, amount, today, expires)
    );

    private static readonly Gen<TransferKind> Moves = Gen.Frequency(
        (5, TransferKind.Transfer),
        (2, TransferKind.Deposit),
        (1, TransferKind.Withdrawal),
        (1, TransferKind.Fee)
    );

    private static readonly Gen<LegPlan> Legs = Gen.Select(
        Moves,
        Gen.Int[0, AccountsMax - 1],
        Gen.Int[0, AccountsMax - 1],
        Amount,
        (kind, debit, credit, amount) => new LegPlan(kind, debit, credit, amount)
    );

    private static readonly Gen<RequestPlan> Requests =
        from kind in Gen.Frequency(
            (6, Moves),
            (2, Gen.Const(TransferKind.Hold)),
            (2, Gen.Const(TransferKind.Capture)),
            (1, Gen.Const(TransferKind.Cancel)),
            (1, Gen.Const(TransferKind.Expire))
        )
        from debit in Gen.Int[0, AccountsMax]
        from credit in Gen.Int[0, AccountsMax]
        from hold in Gen.Int[0, 4]
        from amount in Amount
        from all in Gen.Bool
        from currency in Currencies
        from asks in Gen.Frequency((6, Gen.Const(debit)), (2, Gen.Const(credit)), (1, Gen.Int[0, AccountsMax]))
        from side in Gen.Frequency((6, OwnerSide.Debit), (2, OwnerSide.Credit), (4, OwnerSide.House), (3, OwnerSide.Either))
        from lasts in Gen.Frequency((6, Gen.Const(86_400)), (1, Gen.Int[-1, 1]))
        from legs in Gen.Frequency((3, Gen.Const(Array.Empty<LegPlan>())), (1, Legs.Array[1, 3]))
        select new RequestPlan(
            kind,
            debit,
            credit,
            hold,
            kind == TransferKind.Capture && all ? 0 : amount,
            currency,
            asks,
            side,
            lasts,
            legs
        );

    public static readonly Gen<Plan> Plans = Gen.Select(
        Accounts.Array[2, AccountsMax],
        Holds.Array[0, 4],
        Requests.Array[1, 12],
        (accounts, holds, requests) => new Plan(accounts, holds, requests)
    );
}
