using QuickPay.Accounts;
using QuickPay.Ledger;

namespace QuickPay.Caches;

/// <summary>Writes what was committed into the cache, both sides of every transfer.</summary>
internal sealed class CommittedBalances(CacheEpoch epoch, CacheWriter writer, CacheOptions options, TimeProvider time) : ICommitListener
{
    public void Committed(IEnumerable<AccountState> changed, uint timeline, ulong lsn, DateTime at)
    {
        epoch.Saw(timeline);
        if (!options.Enabled || epoch.Current is not { } names || names.Timeline != timeline)
        {
            return;
        }
        var now = time.GetTimestamp();
        foreach (var account in changed)
        {
            // The house's are in every batch, and nobody looks at them here.
            if (HouseAccounts.Includes(account.Id))
            {
                continue;
            }
            var balance = new AccountBalance(
                account.Id,
                account.Balance,
                account.Held,
                account.Version,
                account.Currency,
                at,
                timeline,
                lsn
            );
            writer.Add(names.Balance(account.Id), BalanceEntry.Write(balance, account.Owner), options.BalanceSeconds, now);
        }
    }
}
