using static System.FormattableString;

namespace QuickPay.Cli.Drills.History;

/// <summary>
/// What answers showed of balances. Torn: no version of the account ever looked so. Stale: the same member had been shown a newer version,
/// or told of an own transfer that made one, by an answer that had ended before this request started.
/// </summary>
internal sealed class ReadCheck(PostedRows rows, VersionChains chains, List<Fault> faults)
{
    /// <summary>How many balances were looked at.</summary>
    public int Judged { get; private set; }

    /// <summary>How many of them are from before the drill.</summary>
    public int OfBefore { get; private set; }

    public void Judge(IReadOnlyList<Operation> operations)
    {
        var byMember = new Dictionary<(int Member, Guid Account), List<Shown>>();
        foreach (var operation in operations)
        {
            if (operation.Seen is { } seen)
                JudgeSeen(operation, seen);
            if (ShownBy(operation) is not { } shown)
                continue;
            if (!byMember.TryGetValue((operation.Member, shown.Account), out var list))
                byMember[(operation.Member, shown.Account)] = list = [];
            list.Add(shown);
        }
        foreach (var list in byMember.Values)
            JudgeOrder(list);
    }

    private void JudgeSeen(Operation operation, SeenBalance seen)
    {
        Judged++;
        var before = chains.Before(seen.Account);
        if (WhyTorn(operation, seen, before) is { } why)
            faults.Add(
                new(FaultKind.TornRead, operation.Number, seen.Account, Invariant($"Operation {operation.Number} was shown {why}."))
            );
        if (before is null)
            return;
        if (seen.Version >= 0 && seen.Version < before.Version)
            OfBefore++;
        if (VersionChains.BelowFloor(seen.Balance, seen.Held, before.Floor) is { } below)
            faults.Add(
                new(FaultKind.BelowFloor, operation.Number, seen.Account, Invariant($"Operation {operation.Number} was shown {below}."))
            );
        else if (seen.Available < before.Floor)
            faults.Add(
                new(
                    FaultKind.BelowFloor,
                    operation.Number,
                    seen.Account,
                    Invariant($"Operation {operation.Number} was shown {seen.Available} available, below the floor of {before.Floor}.")
                )
            );
    }

    private string? WhyTorn(Operation operation, SeenBalance seen, AccountBalance? before)
    {
        if (before is null)
            return $"account {seen.Account}, which is no member's";
        if (operation.Kind == OperationKind.Transfer && seen.Account != operation.From)
            return $"account {seen.Account}, though {operation.From} was to be debited";
        if (seen.Available != (Int128)seen.Balance - seen.Held)
            return Invariant($"{seen.Available} available of {seen.Balance} with {seen.Held} held, of account {seen.Account}");
        if (seen.Version >= 0 && seen.Version < before.Version)
            return null;
        Link? was = null;
        foreach (var link in chains.At(seen.Account, seen.Version))
        {
            if ((link.Balance, link.Held) == (seen.Balance, seen.Held))
                return null;
            was = link;
        }
        return was is null
            ? Invariant($"version {seen.Version} of account {seen.Account}, which never was")
            : Invariant($"{seen.Balance} with {seen.Held} held as version {seen.Version} of account {seen.Account}; ")
                + Invariant($"the books say {was.Balance} with {was.Held} held");
    }

    /// <summary>An acknowledged transfer shows its own version, even if its answer did not spell it out.</summary>
    private Shown? ShownBy(Operation operation)
    {
        var own = operation is { Kind: OperationKind.Transfer, Outcome: OperationOutcome.Acknowledged } ? rows.Of(operation) : null;
        if (operation.Seen is not { } seen)
            return own is null ? null : new Shown(operation, own.From, own.FromVersion, own.FromVersion, true);
        var isOwn = own is not null && own.From == seen.Account;
        if (isOwn && seen.Version < own!.FromVersion)
            faults.Add(
                new(
                    FaultKind.StaleRead,
                    operation.Number,
                    seen.Account,
                    Invariant(
                        $"Operation {operation.Number} made version {own.FromVersion} of account {seen.Account}, and its answer showed {seen.Version}."
                    )
                )
            );
        return new Shown(operation, seen.Account, seen.Version, isOwn ? Math.Max(seen.Version, own!.FromVersion) : seen.Version, isOwn);
    }

    /// <summary>Goes through the requests in the order in which they started, and takes in each answer that had ended by then.</summary>
    private void JudgeOrder(List<Shown> shown)
    {
        var answers = shown.ToArray();
        Array.Sort(answers, (left, right) => left.Operation.Ended.CompareTo(right.Operation.Ended));
        shown.Sort((left, right) => left.Operation.Started.CompareTo(right.Operation.Started));
        Shown? newest = null;
        var next = 0;
        foreach (var now in shown)
        {
            for (; next < answers.Length && answers[next].Operation.Ended < now.Operation.Started; next++)
            {
                if (newest is null || answers[next].Proves > newest.Proves)
                    newest = answers[next];
            }
            // An own transfer that began afterwards must have made a newer version still.
            if (newest is not null && (now.IsOwn ? now.Version <= newest.Proves : now.Version < newest.Proves))
                faults.Add(Stale(now, newest));
        }
    }

    private static Fault Stale(Shown now, Shown before) =>
        new(
            FaultKind.StaleRead,
            now.Operation.Number,
            now.Account,
            Invariant($"Operation {now.Operation.Number}, started at {now.Operation.Started.TotalSeconds:0.000} s, showed member ")
                + Invariant($"{now.Operation.Member} version {now.Version} of account {now.Account}; operation {before.Operation.Number}, ")
                + Invariant($"ended at {before.Operation.Ended.TotalSeconds:0.000} s, had shown {before.Proves}.")
        );

    /// <param name="Version">What the answer showed.</param>
    /// <param name="Proves">A version that was there by its end, if not more.</param>
    /// <param name="IsOwn">Whether the operation made a version itself.</param>
    private sealed record Shown(Operation Operation, Guid Account, long Version, long Proves, bool IsOwn);
}
