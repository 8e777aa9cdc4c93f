namespace QuickPay.Ledger;

/// <summary>What must hold for every account at every moment; checked before the write, and again by the database.</summary>
public static class LedgerInvariants
{
    /// <exception cref="InvalidOperationException">The code is wrong: nothing of the batch may be written.</exception>
    public static void Check(AccountState account)
    {
        if (account.Held < 0 || account.Available < account.Floor || account.Version <= 0)
        {
            throw new InvalidOperationException(
                $"Account {account.Id} would break an invariant: balance {account.Balance}, held {account.Held}, floor {account.Floor}, version {account.Version}."
            );
        }
    }
}
