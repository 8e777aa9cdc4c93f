using QuickPay.Cli.Drills.History;

namespace QuickPay.Tests.Drills.History;

/// <summary>Money that a bank moved, in the order in which it moved it.</summary>
internal sealed record Movement(Guid Id, long? Operation, Guid From, Guid To, long Amount);

/// <summary>
/// What members saw of a bank, and its books. <see cref="Honest"/> plays one in which nothing goes wrong, though all may look odd: answers
/// come late and overlap, repeats resolve what was open, replicas lag as far as they may, a standby is promoted.
/// </summary>
internal sealed record BankHistory(
    AccountBalance[] Accounts,
    Movement[] Movements,
    Operation[] Operations,
    TimelineStart[] Timelines,
    FinalBooks Books
)
{
    private const ulong PositionsPerMovement = 1_000;

    /// <summary>A number that no operation has.</summary>
    public const long Nobody = 1_000_000;

    public HistoryVerdict Judge() => HistoryChecker.Judge(Operations, Books, Timelines);

    public BankHistory With(Operation changed) =>
        this with
        {
            Operations = [.. Operations.Select(operation => operation.Number == changed.Number ? changed : operation)],
        };

    public BankHistory WithRows(Func<PostedTransfer, PostedTransfer> change) =>
        this with
        {
            Books = Books with { Transfers = [.. Books.Transfers.Select(change)] },
        };

    /// <summary>As if the bank had made these movements: books that are sound in themselves.</summary>
    public BankHistory Having(IEnumerable<Movement> movements)
    {
        Movement[] made = [.. movements];
        return this with { Movements = made, Books = BooksOf(Accounts, made) };
    }

    /// <summary>The account's states by version.</summary>
    public Dictionary<long, (long Balance, long Held)> StatesOf(Guid account)
    {
        var before = Books.Before.Single(balance => balance.Account == account);
        var states = new Dictionary<long, (long, long)> { [before.Version] = (before.Balance, before.Held) };
        foreach (var row in Books.Transfers)
        {
            if (row.From == account)
                states[row.FromVersion] = (row.FromBalance, row.FromHeld);
            if (row.To == account)
                states[row.ToVersion] = (row.ToBalance, row.ToHeld);
        }
        return states;
    }

    public static BankHistory Honest(int seed, int operationsMax = 150)
    {
        var random = new Random(seed);
        AccountBalance[] accounts =
        [
            .. Enumerable
                .Range(1, random.Next(2, 7))
                .Select(n => new AccountBalance(
                    Id(1, n),
                    random.Next(200, 20_000),
                    random.Next(0, 2) * random.Next(0, 200),
                    random.Next(0, 5),
                    0
                )),
        ];
        var asked = Asked(random, accounts, random.Next(1, operationsMax + 1));
        var promotion = random.Next(2) == 0 ? asked.Max(ask => ask.Point) * random.NextDouble() : double.PositiveInfinity;
        return Play(random, accounts, asked, promotion);
    }

    /// <summary>An operation before the bank decides on it.</summary>
    /// <param name="Point">When it takes effect, between its start and its end.</param>
    private sealed record Ask(Operation Operation, double Point);

    private static List<Ask> Asked(Random random, AccountBalance[] accounts, int count)
    {
        var asked = new List<Ask>();
        var due = 0.0;
        for (var number = 1; number <= count; number++)
        {
            due += random.NextDouble() * 0.02;
            var start = due + random.NextDouble() * 0.01;
            var point = start + 0.001 + random.NextDouble() * 0.05;
            var end = point + 0.001 + random.NextDouble() * (random.Next(10) == 0 ? 1 : 0.05);
            var member = random.Next(accounts.Length);
            var operation = new Operation
            {
                Number = number,
                Kind = random.Next(10) switch
                {
                    < 6 => OperationKind.Transfer,
                    < 9 => OperationKind.Balance,
                    _ => OperationKind.LogIn,
                },
                Member = member,
                Intended = TimeSpan.FromSeconds(due),
                Started = TimeSpan.FromSeconds(start),
                Ended = TimeSpan.FromSeconds(end),
                Outcome = OperationOutcome.Acknowledged,
            };
            if (operation.Kind == OperationKind.Transfer)
                operation = operation with
                {
                    From = accounts[member].Account,
                    To = accounts[(member + random.Next(1, accounts.Length)) % accounts.Length].Account,
                    Amount = random.Next(1, 3_000),
                };
            asked.Add(new Ask(operation, point));
        }
        return asked;
    }

    private static BankHistory Play(Random random, AccountBalance[] accounts, List<Ask> asked, double promotion)
    {
        var now = accounts.ToDictionary(account => account.Account);
        var states = accounts.ToDictionary(account => account.Account, account => new List<AccountBalance> { account });
        var (movements, done) = (new List<Movement>(), new List<Operation>());
        ulong? switchedAt = null;
        foreach (var (operation, point) in asked.OrderBy(ask => ask.Point))
        {
            var position = (ulong)(movements.Count + 1) * PositionsPerMovement;
            if (point >= promotion)
                switchedAt ??= position - 1;
            if (operation.Kind == OperationKind.LogIn)
            {
                done.Add(operation);
            }
            else if (operation.Kind == OperationKind.Balance)
            {
                var account = accounts[operation.Member].Account;
                var known = done.Where(other => other.Member == operation.Member && other.Ended < operation.Started)
                    .Max(other => other.Seen?.Version);
                // A replica may lag behind the primary, but not behind what this member knows.
                var shown = states[account].Where(state => state.Version >= (known ?? 0)).ToArray();
                done.Add(operation with { Seen = Seen(shown[random.Next(shown.Length)]) });
            }
            else if (now[operation.From] is var payer && (payer.Balance - payer.Held < operation.Amount || random.Next(20) == 0))
            {
                var why = payer.Balance - payer.Held < operation.Amount ? "insufficient_funds" : "unavailable_retry";
                done.Add(operation with { Outcome = OperationOutcome.Refused, Errors = [why] });
            }
            else
            {
                payer = Moved(payer, -operation.Amount);
                var payee = Moved(now[operation.To], operation.Amount);
                (now[operation.From], now[operation.To]) = (payer, payee);
                states[operation.From].Add(payer);
                states[operation.To].Add(payee);
                movements.Add(new Movement(Id(2, (int)operation.Number), operation.Number, operation.From, operation.To, operation.Amount));
                var repeated = random.Next(8) == 0;
                done.Add(
                    operation with
                    {
                        TransferId = movements[^1].Id,
                        Seen = Seen(payer),
                        Attempts = repeated ? 2 : 1,
                        Errors = repeated ? ["timeout"] : [],
                        Timeline = point < promotion ? 1U : 2U,
                        // Read after the commit: others may have written on meanwhile, past the promotion even.
                        Lsn = position + (ulong)random.Next(0, 3 * (int)PositionsPerMovement),
                    }
                );
            }
        }
        TimelineStart[] timelines = switchedAt is { } lsn ? [new TimelineStart(2, lsn)] : [];
        return new BankHistory(accounts, [.. movements], [.. done], timelines, BooksOf(accounts, movements));
    }

    private static SeenBalance Seen(AccountBalance state) =>
        new(state.Account, state.Version, state.Balance, state.Held, state.Balance - state.Held);

    private static FinalBooks BooksOf(AccountBalance[] accounts, IEnumerable<Movement> movements)
    {
        var now = accounts.ToDictionary(account => account.Account);
        var rows = new List<PostedTransfer>();
        foreach (var (id, operation, debit, credit, amount) in movements)
        {
            var payer = now[debit] = Moved(now[debit], -amount);
            var payee = now[credit] = Moved(now[credit], amount);
            rows.Add(
                new(
                    id,
                    operation,
                    debit,
                    credit,
                    amount,
                    payer.Version,
                    payer.Balance,
                    payer.Held,
                    payee.Version,
                    payee.Balance,
                    payee.Held
                )
            );
        }
        return new FinalBooks(accounts, [.. now.Values], rows, SumOfAllBalances: 0);
    }

    private static AccountBalance Moved(AccountBalance account, long amount) =>
        account with
        {
            Balance = account.Balance + amount,
            Version = account.Version + 1,
        };

    public static Guid Id(int kind, int n) => new(kind, 0, 0, [0, 0, 0, 0, (byte)(n >> 24), (byte)(n >> 16), (byte)(n >> 8), (byte)n]);
}
