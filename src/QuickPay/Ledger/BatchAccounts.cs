using NpgsqlTypes;
using QuickPay.Accounts;
using QuickPay.Money;

namespace QuickPay.Ledger;

/// <summary>An account's locked row while a batch decides; the only state that a decision reads and changes.</summary>
public sealed class AccountState
{
    public required Guid Id { get; init; }
    public required Guid Owner { get; init; }
    public required long Floor { get; init; }
    public required Tier Tier { get; init; }
    public required AccountStatus Status { get; init; }
    public required Currency Currency { get; init; }

    /// <summary>Where the locking read found the row; the update goes straight there.</summary>
    public NpgsqlTid RowAddress { get; init; }
    public required long Balance { get; set; }
    public required long Held { get; set; }
    public required long Version { get; set; }
    public required DateOnly Day { get; set; }
    public required long DaySent { get; set; }
    public bool Changed { get; set; }

    public long Available => Balance - Held;
}

/// <summary>A hold's row in <c>holds</c>, read after its debit account was locked.</summary>
public sealed record OpenHold(Guid TransferId, Guid DebitAccount, Guid CreditAccount, long Amount, DateOnly Day, DateTime ExpiresAt);

/// <summary>All that a batch has locked: accounts by id, open holds by id, and the day that limits count.</summary>
public sealed class BatchAccounts
{
    private readonly Dictionary<Guid, AccountState> _accounts = [];
    private readonly Dictionary<Guid, OpenHold> _holds = [];

    /// <summary>The Asia/Seoul day.</summary>
    public DateOnly Today { get; set; }

    /// <summary>The database's clock, read under the locks.</summary>
    public DateTime Now { get; set; }

    public IEnumerable<AccountState> Changed => _accounts.Values.Where(account => account.Changed);

    public void Add(AccountState account) => _accounts.Add(account.Id, account);

    public void Add(OpenHold hold) => _holds.Add(hold.TransferId, hold);

    public AccountState? Find(Guid id) => _accounts.GetValueOrDefault(id);

    public OpenHold? FindHold(Guid id) => _holds.GetValueOrDefault(id);

    public void Close(OpenHold hold) => _holds.Remove(hold.TransferId);

    public void Clear()
    {
        _accounts.Clear();
        _holds.Clear();
    }
}
