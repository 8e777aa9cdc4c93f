using static System.FormattableString;

namespace QuickPay.Cli.Drills.History;

/// <summary>An account's state as of one version.</summary>
/// <param name="Row">What brought it there; null for where the drill found it.</param>
/// <param name="Delta">What that added to the balance.</param>
internal sealed record Link(long Version, long Balance, long Held, long Delta, PostedTransfer? Row);

/// <summary>
/// Each account's states in the order of their versions, from before the drill to its end. An account that is no member's has none: the
/// books hold only those of its rows that touch a member.
/// </summary>
internal sealed class VersionChains
{
    private static readonly Comparer<Link> ByVersion = Comparer<Link>.Create((left, right) => left.Version.CompareTo(right.Version));

    private readonly Dictionary<Guid, AccountBalance> _before;
    private readonly Dictionary<Guid, List<Link>> _links;

    public VersionChains(FinalBooks books)
    {
        _before = books.Before.ToDictionary(account => account.Account);
        _links = _before.Keys.ToDictionary(account => account, _ => new List<Link>());
        foreach (var row in books.Transfers)
        {
            Add(row.From, new(row.FromVersion, row.FromBalance, row.FromHeld, -row.Amount, row));
            Add(row.To, new(row.ToVersion, row.ToBalance, row.ToHeld, row.Amount, row));
        }
        foreach (var links in _links.Values)
            links.Sort(ByVersion);
    }

    /// <summary>Where the drill found the account; null for one that is none of its members'.</summary>
    public AccountBalance? Before(Guid account) => _before.GetValueOrDefault(account);

    /// <summary>
    /// The states that the account had at this version: one, or none for a version that never was; more only if the chain is broken.
    /// </summary>
    public IEnumerable<Link> At(Guid account, long version)
    {
        if (_before.TryGetValue(account, out var before) && before.Version == version)
            yield return new Link(before.Version, before.Balance, before.Held, 0, null);
        if (!_links.TryGetValue(account, out var links))
            yield break;
        var first = links.BinarySearch(new Link(version, 0, 0, 0, null), ByVersion);
        while (first > 0 && links[first - 1].Version == version)
            first--;
        for (var i = first; i >= 0 && i < links.Count && links[i].Version == version; i++)
            yield return links[i];
    }

    public void Judge(FinalBooks books, List<Fault> faults)
    {
        if (books.SumOfAllBalances != 0)
            faults.Add(new(FaultKind.Unbalanced, null, null, Invariant($"The sum of all balances is {books.SumOfAllBalances}, not 0.")));
        var ends = books.After.ToDictionary(account => account.Account);
        foreach (var before in books.Before)
        {
            var last = JudgeLinks(before, faults);
            if (ends.Remove(before.Account, out var after))
                JudgeEnd(before, last, after, faults);
            else
                faults.Add(new(FaultKind.Unbalanced, null, before.Account, $"Account {before.Account} has no balance any more."));
        }
        foreach (var account in ends.Keys)
            faults.Add(new(FaultKind.Unbalanced, null, account, $"Account {account} was not there before the drill."));
    }

    private void Add(Guid account, Link link)
    {
        if (_links.TryGetValue(account, out var links))
            links.Add(link);
    }

    /// <summary>Each row stands on the one before it. A break is reported where it is, and the row behind it is believed.</summary>
    private Link JudgeLinks(AccountBalance before, List<Fault> faults)
    {
        var last = new Link(before.Version, before.Balance, before.Held, 0, null);
        foreach (var link in _links[before.Account])
        {
            if (WhyBroken(last, link) is { } why)
                faults.Add(new(FaultKind.BrokenChain, link.Row!.Operation, before.Account, $"Account {before.Account}: {why}."));
            if (BelowFloor(link.Balance, link.Held, before.Floor) is { } below)
                faults.Add(
                    new(
                        FaultKind.BelowFloor,
                        link.Row!.Operation,
                        before.Account,
                        Invariant($"Row {link.Row.Id} left account {before.Account} with {below} at version {link.Version}.")
                    )
                );
            last = link;
        }
        return last;
    }

    private static string? WhyBroken(Link last, Link link)
    {
        if (link.Version == last.Version)
            return last.Row is null
                ? Invariant($"row {link.Row!.Id} has version {link.Version}, which the account had before the drill")
                : Invariant($"rows {last.Row.Id} and {link.Row!.Id} both have version {link.Version}");
        if (link.Version < last.Version)
            return Invariant($"row {link.Row!.Id} has version {link.Version}, below {last.Version}, where the drill began");
        // Written so that it holds for the largest version too.
        if (link.Version - 1 != last.Version)
            return Invariant($"version {last.Version} is followed by {link.Version}, that of row {link.Row!.Id}");
        if (link.Balance != (Int128)last.Balance + link.Delta)
            return Invariant($"from version {last.Version} to {link.Version} the balance went from {last.Balance} to {link.Balance}, ")
                + Invariant($"though row {link.Row!.Id} moved {link.Delta}");
        return null;
    }

    private void JudgeEnd(AccountBalance before, Link last, AccountBalance after, List<Fault> faults)
    {
        var account = before.Account;
        if ((after.Version, after.Balance, after.Held) != (last.Version, last.Balance, last.Held))
            faults.Add(
                new(
                    FaultKind.BrokenChain,
                    last.Row?.Operation,
                    account,
                    Invariant($"Account {account} ends with {after.Balance}, {after.Held} held, at version {after.Version}; ")
                        + Invariant($"its last row says {last.Balance}, {last.Held} held, at version {last.Version}.")
                )
            );
        var moved = Int128.Zero;
        foreach (var link in _links[account])
            moved += link.Delta;
        if (after.Balance != before.Balance + moved)
            faults.Add(
                new(
                    FaultKind.Unbalanced,
                    null,
                    account,
                    Invariant($"Account {account} began with {before.Balance}, its rows moved {moved}, and it ends with {after.Balance}.")
                )
            );
        if (BelowFloor(after.Balance, after.Held, after.Floor) is { } below)
            faults.Add(new(FaultKind.BelowFloor, null, account, $"Account {account} ends with {below}."));
    }

    /// <summary>How far below the floor that is, in words; null when it is not.</summary>
    public static string? BelowFloor(long balance, long held, long floor) =>
        (Int128)balance - held < floor
            ? Invariant($"{(Int128)balance - held} available ({balance} − {held}), below its floor of {floor}")
            : null;
}
