using QuickPay.Accounts;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Tests.Ledger;

/// <summary>What holds for every decision, whatever was asked: compared are all accounts before and after it.</summary>
internal static class LedgerLaws
{
    public static void Check(Picture before, Picture after, Guid id, PostingRequest request, Decision decision, TransferLimits limits)
    {
        if (!decision.Posted)
        {
            NothingChanged(before, after);
            Assert.Empty(decision.Rows);
            return;
        }
        Assert.Equal(1 + request.LinkedLegs.Count, decision.Rows.Count);
        Assert.Equal(id, decision.Rows[0].Id);
        MoneyIsConserved(before, after);
        foreach (var accountId in after.Accounts.Keys)
        {
            NothingIsOverdrawn(after, accountId);
            VersionsCountRows(before, after, accountId, decision.Rows);
        }
        foreach (var row in decision.Rows)
        {
            Assert.True(row.Amount > 0, $"A row over {row.Amount}.");
            Assert.Equal(
                (row.Currency, row.Currency),
                (after.Accounts[row.DebitAccount].Currency, after.Accounts[row.CreditAccount].Currency)
            );
            TheWalletCapHolds(after, row, limits);
            TheDayLimitHolds(before, after, row, limits);
        }
    }

    private static void NothingChanged(Picture before, Picture after)
    {
        Assert.All(before.Accounts.Keys, id => Assert.Equal(before.Of(id), after.Of(id)));
        Assert.Equal(before.Holds.Keys.Order(), after.Holds.Keys.Order());
    }

    private static void MoneyIsConserved(Picture before, Picture after)
    {
        // 128 bits: the sum over accounts may pass what one account may contain.
        static Dictionary<Currency, Int128> Sums(Picture picture) =>
            picture
                .Accounts.Values.GroupBy(account => account.Currency)
                .ToDictionary(group => group.Key, group => group.Aggregate((Int128)0, (sum, account) => sum + account.Balance));

        Assert.Equal(Sums(before), Sums(after));
    }

    private static void NothingIsOverdrawn(Picture after, Guid id)
    {
        var account = after.Accounts[id];
        Assert.True(
            (Int128)account.Balance - account.Held >= account.Floor,
            $"{account.Balance} less {account.Held} is under {account.Floor}."
        );
        var open = after.Holds.Values.Where(hold => hold.DebitAccount == id).Aggregate((Int128)0, (sum, hold) => sum + hold.Amount);
        Assert.Equal(open, account.Held);
    }

    /// <summary>Each row that touches an account raises its version by one and says what it then contained; the last one says what is there now.</summary>
    private static void VersionsCountRows(Picture before, Picture after, Guid id, IReadOnlyList<Transfer> rows)
    {
        var sides = rows.Where(row => row.DebitAccount == id)
            .Select(row => row.Debit)
            .Concat(rows.Where(row => row.CreditAccount == id).Select(row => row.Credit))
            .Where(side => side.Version > 0)
            .OrderBy(side => side.Version)
            .ToList();
        var was = before.Accounts[id];
        var account = after.Accounts[id];
        Assert.Equal(Enumerable.Range(1, sides.Count).Select(n => was.Version + n), sides.Select(side => side.Version));
        Assert.Equal(
            sides is [.., var last] ? last : new SideAfter(was.Balance, was.Held, was.Version),
            new SideAfter(account.Balance, account.Held, account.Version)
        );
        Assert.Equal(was.Changed || sides.Count > 0, account.Changed);
    }

    private static void TheWalletCapHolds(Picture after, Transfer row, TransferLimits limits)
    {
        if (row.Credit.Version > 0)
        {
            Assert.InRange(row.Credit.Balance, long.MinValue, limits.For(after.Accounts[row.CreditAccount].Tier).WalletCap);
        }
    }

    private static void TheDayLimitHolds(Picture before, Picture after, Transfer row, TransferLimits limits)
    {
        if (row.Kind is TransferKind.Transfer or TransferKind.Hold or TransferKind.Withdrawal)
        {
            var account = after.Accounts[row.DebitAccount];
            Assert.Equal(after.Today, account.Day);
            Assert.InRange(account.DaySent, row.Amount, limits.For(account.Tier).PerDay);
            Assert.True(row.Amount <= limits.For(account.Tier).PerTransfer);
        }
        else if (row.Kind is TransferKind.Capture or TransferKind.Cancel or TransferKind.Expire)
        {
            Assert.True(after.Accounts[row.DebitAccount].DaySent <= before.Accounts[row.DebitAccount].DaySent);
        }
    }
}
