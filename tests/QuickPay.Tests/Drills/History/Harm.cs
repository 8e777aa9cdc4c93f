using QuickPay.Cli.Drills.History;

namespace QuickPay.Tests.Drills.History;

/// <summary>A history that something was done to, and what the checker must say of it.</summary>
/// <param name="Operation">The one it must name; null for the account.</param>
internal sealed record Harmed(BankHistory History, FaultKind Kind, long? Operation, Guid? Account = null);

/// <summary>Each way to break an honest history. Null when that history has nothing to break so.</summary>
internal static class Harm
{
    public static readonly Dictionary<string, Func<BankHistory, Random, Harmed?>> All = new()
    {
        ["an acknowledged row is dropped"] = (history, random) =>
            Acknowledged(history, random) is { } victim ? new(WithoutRow(history, victim), FaultKind.Lost, victim.Number) : null,
        ["a failover forgets an acknowledged transfer"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(history.Having(history.Movements.Where(made => made.Operation != victim.Number)), FaultKind.Lost, victim.Number)
                : null,
        ["all rows are gone"] = (history, random) =>
            Acknowledged(history, random) is { } victim ? new(history.Having([]), FaultKind.Lost, victim.Number) : null,
        ["another id is in the books"] = (history, random) => Altered(history, random, made => made with { Id = BankHistory.Id(3, 1) }),
        ["another amount moved"] = (history, random) => Altered(history, random, made => made with { Amount = made.Amount + 1 }),
        ["it moved the other way"] = (history, random) => Altered(history, random, made => made with { From = made.To, To = made.From }),
        ["the row lost its number"] = (history, random) => Altered(history, random, made => made with { Operation = null }),
        ["the row carries another's number"] = (history, random) =>
            Altered(history, random, made => made with { Operation = BankHistory.Nobody }),
        ["it moved twice"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(Twice(history, victim, before: false), FaultKind.Doubled, victim.Number)
                : null,
        ["it moved twice, and the later row is the answered one"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(Twice(history, victim, before: true), FaultKind.Doubled, victim.Number)
                : null,
        ["an unanswered transfer moved twice"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(Twice(history.With(Forgotten(victim)), victim, before: false), FaultKind.Doubled, victim.Number)
                : null,
        ["the very same row is there twice"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(
                    history with
                    {
                        Books = history.Books with
                        {
                            Transfers = [.. history.Books.Transfers, history.Books.Transfers.Single(row => row.Operation == victim.Number)],
                        },
                    },
                    FaultKind.Doubled,
                    victim.Number
                )
                : null,
        ["two operations share a row's id"] = (history, random) =>
            Acknowledged(history, random) is { } victim
            && history.Movements.FirstOrDefault(made => made.Operation != victim.Number) is { } other
                ? new(
                    history.WithRows(row =>
                        row.Operation == victim.Number || row.Operation == other.Operation ? row with { Id = other.Id } : row
                    ),
                    FaultKind.Doubled,
                    history.Books.Transfers.Last(row => row.Operation == victim.Number || row.Operation == other.Operation).Operation
                )
                : null,
        ["a refused transfer moved"] = (history, random) =>
            Any(history, random, operation => operation.Outcome == OperationOutcome.Refused) is { } victim
                ? new(history.Having([.. history.Movements, Made(victim)]), FaultKind.Invented, victim.Number)
                : null,
        ["nobody's transfer moved"] = (history, _) =>
            new(history.Having([.. history.Movements, Made(history, null)]), FaultKind.Invented, null, history.Accounts[0].Account),
        ["a transfer moved for an operation that does not exist"] = (history, _) =>
            new(history.Having([.. history.Movements, Made(history, BankHistory.Nobody)]), FaultKind.Invented, BankHistory.Nobody),
        ["a balance inquiry moved money"] = (history, random) =>
            Any(history, random, operation => operation.Kind == OperationKind.Balance) is { } victim
                ? new(history.Having([.. history.Movements, Made(history, victim.Number)]), FaultKind.Invented, victim.Number)
                : null,
        ["a transfer that moved is never answered"] = (history, random) =>
            Acknowledged(history, random) is { } victim ? new(history.With(Forgotten(victim)), FaultKind.Unresolved, victim.Number) : null,
        ["a transfer that did not move is never answered"] = (history, random) =>
            Any(history, random, operation => operation.Outcome == OperationOutcome.Refused) is { } victim
                ? new(history.With(Forgotten(victim)), FaultKind.Unresolved, victim.Number)
                : null,
        ["one won came from nowhere"] = (history, _) =>
            new(history with { Books = history.Books with { SumOfAllBalances = 1 } }, FaultKind.Unbalanced, null),
        ["a balance is off at the end"] = (history, random) =>
            End(history, random, FaultKind.Unbalanced, end => end with { Balance = end.Balance - 1 }),
        ["an account is gone at the end"] = (history, random) =>
            history.Books.After[random.Next(history.Accounts.Length)] is var gone
                ? new(
                    history with
                    {
                        Books = history.Books with { After = [.. history.Books.After.Where(end => end != gone)] },
                    },
                    FaultKind.Unbalanced,
                    null,
                    gone.Account
                )
                : null,
        ["an account ends below its floor"] = (history, random) =>
            End(history, random, FaultKind.BelowFloor, end => end with { Floor = end.Balance - end.Held + 1 }),
        ["a row leaves an account below its floor"] = (history, random) =>
            Acknowledged(history, random) is { Seen: { } seen } victim
                ? new(WithFloor(history, seen.Account, seen.Available + 1), FaultKind.BelowFloor, victim.Number)
                : null,
        ["a member is shown less than the floor"] = (history, random) =>
            Shown(history, random, FaultKind.BelowFloor, seen => seen with { Balance = -1, Held = 0, Available = -1 }),
        ["a member is told of less available than the floor"] = (history, random) =>
            Shown(history, random, FaultKind.BelowFloor, seen => seen with { Available = -1 }),
        ["two rows swap their versions"] = Swapped,
        ["a version is left out"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(
                    history.WithRows(row => row.Operation == victim.Number ? row with { FromVersion = row.FromVersion + 1_000 } : row),
                    FaultKind.BrokenChain,
                    victim.Number
                )
                : null,
        ["a row has a version from before the drill"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(
                    history.WithRows(row => row.Operation == victim.Number ? row with { ToVersion = -1 } : row),
                    FaultKind.BrokenChain,
                    victim.Number
                )
                : null,
        ["a row's balance is not the one before and its amount"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(
                    history.WithRows(row => row.Operation == victim.Number ? row with { ToBalance = row.ToBalance + 1 } : row),
                    FaultKind.BrokenChain,
                    victim.Number
                )
                : null,
        ["the account is at another version than its rows"] = (history, random) =>
            End(history, random, FaultKind.BrokenChain, end => end with { Version = end.Version + 1 }),
        ["something is held that no row held"] = (history, random) =>
            End(history, random, FaultKind.BrokenChain, end => end with { Held = end.Held + 1, Floor = -1 }),
        ["a read shows another balance"] = (history, random) =>
            Shown(history, random, FaultKind.TornRead, seen => seen with { Balance = seen.Balance + 1, Available = seen.Available + 1 }),
        ["a read shows another hold"] = (history, random) =>
            Shown(history, random, FaultKind.TornRead, seen => seen with { Held = seen.Held + 1, Available = seen.Available - 1 }),
        ["a read does not add up"] = (history, random) =>
            Shown(history, random, FaultKind.TornRead, seen => seen with { Available = seen.Available + 1 }),
        ["a read shows a version that never was"] = (history, random) =>
            Shown(history, random, FaultKind.TornRead, seen => seen with { Version = seen.Version + 1_000 }),
        ["a read shows an account that is nobody's"] = (history, random) =>
            Shown(history, random, FaultKind.TornRead, seen => seen with { Account = BankHistory.Id(4, 1) }),
        ["a transfer's answer shows the recipient's account"] = (history, random) =>
            Acknowledged(history, random) is { } victim
                ? new(
                    history.With(
                        victim with
                        {
                            Seen = SeenAt(history, victim.To, history.Books.Before.Single(b => b.Account == victim.To).Version),
                        }
                    ),
                    FaultKind.TornRead,
                    victim.Number
                )
                : null,
        ["a read is older than the member's last answer"] = Stale,
        ["a transfer's answer is older than the transfer"] = (history, random) =>
            Any(history, random, IsAcknowledged) is { Seen: { } seen } victim
                ? new(
                    history.With(victim with { Seen = SeenAt(history, seen.Account, seen.Version - 1) }),
                    FaultKind.StaleRead,
                    victim.Number
                )
                : null,
        ["a replaced primary answers after its successor"] = OutOfOrder,
        ["a replaced primary accepts what nobody has"] = (history, random) =>
            Acknowledged(history, random) is { } victim && history.Timelines is [var start]
                ? new(
                    history
                        .Having(history.Movements.Where(made => made.Operation != victim.Number))
                        .With(victim with { Timeline = 1, Lsn = start.Lsn + 1 }),
                    FaultKind.SplitBrain,
                    victim.Number
                )
                : null,
    };

    public static bool IsAcknowledged(Operation operation) =>
        operation is { Kind: OperationKind.Transfer, Outcome: OperationOutcome.Acknowledged };

    private static Operation? Any(BankHistory history, Random random, Func<Operation, bool> fits) =>
        history.Operations.Where(fits).ToArray() is { Length: > 0 } all ? all[random.Next(all.Length)] : null;

    private static Operation? Acknowledged(BankHistory history, Random random) => Any(history, random, IsAcknowledged);

    private static Operation Forgotten(Operation operation) =>
        operation with
        {
            Outcome = OperationOutcome.Unknown,
            TransferId = null,
            Seen = null,
            Timeline = 0,
            Lsn = 0,
            Attempts = 9,
        };

    private static Movement Made(Operation operation) =>
        new(BankHistory.Id(3, 2), operation.Number, operation.From, operation.To, operation.Amount);

    private static Movement Made(BankHistory history, long? operation) =>
        new(BankHistory.Id(3, 3), operation, history.Accounts[0].Account, history.Accounts[1].Account, 1);

    private static BankHistory WithoutRow(BankHistory history, Operation victim) =>
        history with
        {
            Books = history.Books with { Transfers = [.. history.Books.Transfers.Where(row => row.Operation != victim.Number)] },
        };

    private static BankHistory Twice(BankHistory history, Operation victim, bool before)
    {
        var again = history.Movements.Single(made => made.Operation == victim.Number) with { Id = BankHistory.Id(3, 4) };
        return history.Having(before ? [again, .. history.Movements] : [.. history.Movements, again]);
    }

    private static Harmed? Altered(BankHistory history, Random random, Func<Movement, Movement> change) =>
        Acknowledged(history, random) is { } victim
            ? new(
                history.Having(history.Movements.Select(made => made.Operation == victim.Number ? change(made) : made)),
                FaultKind.Altered,
                victim.Number
            )
            : null;

    private static Harmed End(BankHistory history, Random random, FaultKind kind, Func<AccountBalance, AccountBalance> change)
    {
        var victim = history.Accounts[random.Next(history.Accounts.Length)].Account;
        AccountBalance[] after = [.. history.Books.After.Select(end => end.Account == victim ? change(end) : end)];
        return new(history with { Books = history.Books with { After = after } }, kind, null, victim);
    }

    private static Harmed? Shown(BankHistory history, Random random, FaultKind kind, Func<SeenBalance, SeenBalance> change) =>
        Any(history, random, operation => operation.Seen is not null) is { } victim
            ? new(history.With(victim with { Seen = change(victim.Seen!) }), kind, victim.Number)
            : null;

    private static BankHistory WithFloor(BankHistory history, Guid account, long floor) =>
        history with
        {
            Books = history.Books with
            {
                Before = [.. history.Books.Before.Select(before => before.Account == account ? before with { Floor = floor } : before)],
            },
        };

    private static SeenBalance SeenAt(BankHistory history, Guid account, long version)
    {
        var (balance, held) = history.StatesOf(account)[version];
        return new SeenBalance(account, version, balance, held, balance - held);
    }

    private static Harmed? Swapped(BankHistory history, Random random)
    {
        var pairs = (
            from one in history.Books.Transfers
            from other in history.Books.Transfers
            where one.From == other.From && one.FromVersion < other.FromVersion
            select (one, other)
        ).ToArray();
        if (pairs.Length == 0)
            return null;
        var (early, late) = pairs[random.Next(pairs.Length)];
        return new(
            history.WithRows(row =>
                row == early ? row with { FromVersion = late.FromVersion }
                : row == late ? row with { FromVersion = early.FromVersion }
                : row
            ),
            FaultKind.BrokenChain,
            late.Operation
        );
    }

    /// <summary>The read shows a state that once was, only one too old for who had seen a newer one before it began.</summary>
    private static Harmed? Stale(BankHistory history, Random random)
    {
        var pairs = (
            from earlier in history.Operations
            from read in history.Operations
            where earlier.Seen is not null && read is { Kind: OperationKind.Balance, Seen: not null }
            where earlier.Member == read.Member && earlier.Ended < read.Started
            where earlier.Seen!.Version > history.Books.Before.Single(before => before.Account == earlier.Seen.Account).Version
            select (earlier, read)
        ).ToArray();
        if (pairs.Length == 0)
            return null;
        var (known, victim) = pairs[random.Next(pairs.Length)];
        var seen = SeenAt(history, known.Seen!.Account, known.Seen.Version - 1);
        return new(history.With(victim with { Seen = seen }), FaultKind.StaleRead, victim.Number);
    }

    private static Harmed? OutOfOrder(BankHistory history, Random random)
    {
        var late = (
            from newer in history.Operations
            from operation in history.Operations
            where newer.Timeline == 2 && operation.Timeline == 2 && newer.Ended < operation.Started
            select operation
        ).ToArray();
        if (late.Length == 0)
            return null;
        var victim = late[random.Next(late.Length)];
        return new(history.With(victim with { Timeline = 1 }), FaultKind.SplitBrain, victim.Number);
    }
}
