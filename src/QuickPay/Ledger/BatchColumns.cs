using System.Text;
using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>What a batch writes: rows in id order, refusals, and the digest over the rows.</summary>
internal sealed class BatchWrites
{
    public List<Transfer> Rows { get; } = [];

    /// <summary>Refusals, each under its request's outcome id.</summary>
    public List<(Guid Id, Refusal Refusal)> Refused { get; } = [];
    public byte[] Digest { get; set; } = [];

    public void Clear()
    {
        Rows.Clear();
        Refused.Clear();
        Digest = [];
    }
}

/// <summary>A batch turned into columns, since arrays are how many rows travel in one parameter. Lists are reused from batch to batch.</summary>
internal sealed class BatchColumns
{
    private readonly HashSet<Guid> _seen = [];
    private readonly StringBuilder _rowAddresses = new();

    public List<Guid> Keys { get; } = [];
    public List<Guid> Requests { get; } = [];
    public List<Guid> Outcomes { get; } = [];
    public List<Guid> Accounts { get; } = [];
    public List<Guid> Holds { get; } = [];

    /// <summary>An array of tid in PostgreSQL's text form: {"(0,1)","(0,2)"}.</summary>
    public string RowAddressText { get; private set; } = "";
    public List<Guid> ChangedAccounts { get; } = [];
    public List<long> Balances { get; } = [];
    public List<long> Held { get; } = [];
    public List<long> Versions { get; } = [];
    public List<DateOnly> Days { get; } = [];
    public List<long> DaySent { get; } = [];

    public List<Guid> Ids { get; } = [];
    public List<Guid> Debits { get; } = [];
    public List<Guid> Credits { get; } = [];
    public List<Guid> Links { get; } = [];
    public List<long> Amounts { get; } = [];
    public List<long> DebitBalances { get; } = [];
    public List<long> DebitHeld { get; } = [];
    public List<long> DebitVersions { get; } = [];
    public List<long> CreditBalances { get; } = [];
    public List<long> CreditHeld { get; } = [];
    public List<long> CreditVersions { get; } = [];
    public List<short> Kinds { get; } = [];
    public List<short> Currencies { get; } = [];
    public List<string?> Memos { get; } = [];
    public List<DateTime?> Expiries { get; } = [];

    public List<Guid> HoldIds { get; } = [];
    public List<Guid> HoldDebits { get; } = [];
    public List<Guid> HoldCredits { get; } = [];
    public List<long> HoldAmounts { get; } = [];
    public List<DateOnly> HoldDays { get; } = [];
    public List<DateTime> HoldExpiries { get; } = [];
    public List<Guid> ClosedHolds { get; } = [];

    public List<Guid> RefusalIds { get; } = [];
    public List<short> RefusalCodes { get; } = [];
    public List<short> RefusalLimits { get; } = [];
    public List<long> RefusalRemaining { get; } = [];

    public void FillFirst(IReadOnlyList<Posting> leaders)
    {
        Keys.Clear();
        Requests.Clear();
        Outcomes.Clear();
        Accounts.Clear();
        Holds.Clear();
        _seen.Clear();
        for (var i = 0; i < leaders.Count; i++)
        {
            var request = leaders[i].Request;
            Keys.Add(request.KeyDigest);
            Requests.Add(request.RequestDigest);
            Outcomes.Add(leaders[i].OutcomeId);
            AddAccount(request.DebitAccount);
            AddAccount(request.CreditAccount);
            for (var leg = 0; leg < request.LinkedLegs.Count; leg++)
            {
                AddAccount(request.LinkedLegs[leg].DebitAccount);
                AddAccount(request.LinkedLegs[leg].CreditAccount);
            }
            if (request.HoldId != Guid.Empty)
            {
                Holds.Add(request.HoldId);
            }
        }
        // The server sorts them as well; in this order it has nothing left to do.
        Accounts.Sort();
    }

    public void FillSecond(BatchWrites writes, BatchAccounts accounts)
    {
        ClearSecond();
        foreach (var account in accounts.Changed)
        {
            _rowAddresses
                .Append(_rowAddresses.Length == 0 ? "{\"(" : ",\"(")
                .Append(account.RowAddress.BlockNumber)
                .Append(',')
                .Append(account.RowAddress.OffsetNumber)
                .Append(")\"");
            ChangedAccounts.Add(account.Id);
            Balances.Add(account.Balance);
            Held.Add(account.Held);
            Versions.Add(account.Version);
            Days.Add(account.Day);
            DaySent.Add(account.DaySent);
        }
        RowAddressText = _rowAddresses.Append('}').ToString();
        foreach (var row in writes.Rows)
        {
            AddRow(row, accounts.Today);
        }
        foreach (var (id, refusal) in writes.Refused)
        {
            RefusalIds.Add(id);
            RefusalCodes.Add((short)refusal.Code);
            RefusalLimits.Add((short)refusal.Limit);
            RefusalRemaining.Add(refusal.Remaining);
        }
    }

    private void AddAccount(Guid id)
    {
        if (_seen.Add(id))
        {
            Accounts.Add(id);
        }
    }

    private void AddRow(Transfer row, DateOnly today)
    {
        Ids.Add(row.Id);
        Debits.Add(row.DebitAccount);
        Credits.Add(row.CreditAccount);
        Links.Add(row.Link ?? Guid.Empty);
        Amounts.Add(row.Amount);
        DebitBalances.Add(row.Debit.Balance);
        DebitHeld.Add(row.Debit.Held);
        DebitVersions.Add(row.Debit.Version);
        CreditBalances.Add(row.Credit.Balance);
        CreditHeld.Add(row.Credit.Held);
        CreditVersions.Add(row.Credit.Version);
        Kinds.Add((short)row.Kind);
        Currencies.Add((short)row.Currency);
        Memos.Add(row.Memo);
        Expiries.Add(row.ExpiresAt);
        switch (row.Kind)
        {
            case TransferKind.Hold:
                HoldIds.Add(row.Id);
                HoldDebits.Add(row.DebitAccount);
                HoldCredits.Add(row.CreditAccount);
                HoldAmounts.Add(row.Amount);
                HoldDays.Add(today);
                HoldExpiries.Add(row.ExpiresAt!.Value);
                break;
            case TransferKind.Capture or TransferKind.Cancel or TransferKind.Expire:
                ClosedHolds.Add(row.Link!.Value);
                break;
            default:
                break;
        }
    }

    private void ClearSecond()
    {
        _rowAddresses.Clear();
        ChangedAccounts.Clear();
        Balances.Clear();
        Held.Clear();
        Versions.Clear();
        Days.Clear();
        DaySent.Clear();
        Ids.Clear();
        Debits.Clear();
        Credits.Clear();
        Links.Clear();
        Amounts.Clear();
        DebitBalances.Clear();
        DebitHeld.Clear();
        DebitVersions.Clear();
        CreditBalances.Clear();
        CreditHeld.Clear();
        CreditVersions.Clear();
        Kinds.Clear();
        Currencies.Clear();
        Memos.Clear();
        Expiries.Clear();
        HoldIds.Clear();
        HoldDebits.Clear();
        HoldCredits.Clear();
        HoldAmounts.Clear();
        HoldDays.Clear();
        HoldExpiries.Clear();
        ClosedHolds.Clear();
        RefusalIds.Clear();
        RefusalCodes.Clear();
        RefusalLimits.Clear();
        RefusalRemaining.Clear();
    }
}
