namespace QuickPay.Ledger;

/// <summary>Hears of clean commits of this process before those who wait for them are answered; not of one that was left alone and looked up. It may not wait.</summary>
public interface ICommitListener
{
    /// <param name="changed">The accounts as the commit left them; only to be read until this returns.</param>
    /// <param name="timeline">The primary's.</param>
    /// <param name="lsn">Where its log stood, at or past the commit.</param>
    /// <param name="at">When, by the database's clock.</param>
    void Committed(IEnumerable<AccountState> changed, uint timeline, ulong lsn, DateTime at);
}
