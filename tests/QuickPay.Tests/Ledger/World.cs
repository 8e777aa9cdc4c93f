using QuickPay.Accounts;
using QuickPay.Ledger;
using QuickPay.Transfers;

namespace QuickPay.Tests.Ledger;

/// <summary>What became of one request: the refusal, or the rows.</summary>
internal sealed record Decision(Refusal Refusal, IReadOnlyList<Transfer> Rows)
{
    public bool Posted => Refusal.Code == TransferRefusal.None;
}

/// <summary>
/// Accounts and open holds as the database has them between two batches, without a database. Whatever is decided here is held
/// against <see cref="LedgerLaws"/>.
/// </summary>
internal sealed class World(TransferLimits limits)
{
    private readonly Dictionary<Guid, AccountState> _accounts = [];
    private readonly Dictionary<Guid, OpenHold> _holds = [];
    private readonly Uuid7Sequence _ids = new();

    /// <summary>In Seoul.</summary>
    public static readonly DateTime Noon = new(2026, 11, 22, 3, 0, 0, DateTimeKind.Utc);

    /// <summary>Noon, unless a test says otherwise.</summary>
    public DateTime Now { get; set; } = Noon;

    public DateOnly Today => LedgerDay.Of(Now);

    public AccountState this[Guid id] => _accounts[id];

    public void Put(AccountState account) => _accounts[account.Id] = account;

    public void Put(OpenHold hold) => _holds[hold.TransferId] = hold;

    public void Put(Picture others)
    {
        foreach (var account in others.Accounts.Values)
        {
            Put(account);
        }
        foreach (var hold in others.Holds.Values)
        {
            Put(hold);
        }
    }

    public Decision Post(PostingRequest request) => PostTogether([request])[0];

    /// <summary>Decides the requests in one batch, each seeing what those before it did, and keeps what they changed.</summary>
    public List<Decision> PostTogether(IReadOnlyList<PostingRequest> requests)
    {
        _ids.SetTime(Now);
        var batch = Lock();
        var rows = new List<Transfer>();
        var decisions = new List<Decision>();
        foreach (var request in requests)
        {
            var before = Take(batch, rows);
            var rowsBefore = rows.Count;
            var id = _ids.Next();
            var refusal = PostingDecision.Decide(batch, request, id, _ids, limits, rows);
            var decision = new Decision(refusal, rows[rowsBefore..]);
            LedgerLaws.Check(before, Take(batch, rows), id, request, decision, limits);
            decisions.Add(decision);
        }
        Commit(batch, rows);
        return decisions;
    }

    public Picture Take() => Take(Lock(), []);

    private BatchAccounts Lock()
    {
        var batch = new BatchAccounts { Now = Now, Today = Today };
        foreach (var account in _accounts.Values)
        {
            batch.Add(Copy(account));
        }
        foreach (var hold in _holds.Values)
        {
            batch.Add(hold);
        }
        return batch;
    }

    private Picture Take(BatchAccounts batch, List<Transfer> rows)
    {
        var open = _holds.Values.Where(hold => batch.FindHold(hold.TransferId) is not null).Concat(OpenedBy(rows));
        return new Picture(
            _accounts.Keys.ToDictionary(id => id, id => Copy(batch.Find(id)!)),
            open.ToDictionary(hold => hold.TransferId),
            Today
        );
    }

    private void Commit(BatchAccounts batch, List<Transfer> rows)
    {
        foreach (var account in batch.Changed.ToList())
        {
            account.Changed = false;
            Put(account);
        }
        foreach (var closed in _holds.Keys.Where(id => batch.FindHold(id) is null).ToList())
        {
            _holds.Remove(closed);
        }
        foreach (var opened in OpenedBy(rows))
        {
            Put(opened);
        }
    }

    private IEnumerable<OpenHold> OpenedBy(List<Transfer> rows) =>
        rows.Where(row => row.Kind == TransferKind.Hold)
            .Select(row => new OpenHold(row.Id, row.DebitAccount, row.CreditAccount, row.Amount, Today, row.ExpiresAt!.Value));

    private static AccountState Copy(AccountState account) =>
        new()
        {
            Id = account.Id,
            Owner = account.Owner,
            Floor = account.Floor,
            Tier = account.Tier,
            Status = account.Status,
            Currency = account.Currency,
            Balance = account.Balance,
            Held = account.Held,
            Version = account.Version,
            Day = account.Day,
            DaySent = account.DaySent,
            Changed = account.Changed,
        };
}

/// <summary>All accounts and open holds at one moment, apart from the state that decisions change.</summary>
internal sealed record Picture(IReadOnlyDictionary<Guid, AccountState> Accounts, IReadOnlyDictionary<Guid, OpenHold> Holds, DateOnly Today)
{
    /// <summary>Everything that a decision can change, comparable.</summary>
    public (long Balance, long Held, long Version, DateOnly Day, long DaySent, bool Changed) Of(Guid id)
    {
        var account = Accounts[id];
        return (account.Balance, account.Held, account.Version, account.Day, account.DaySent, account.Changed);
    }
}
