using QuickPay.Accounts;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>Whoever hears of commits has no say in what is answered for them.</summary>
public sealed class CommitListenerTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
    }

    public async ValueTask DisposeAsync()
    {
        await _bank.ShouldBalanceAsync();
        await _bank.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_listener_that_fails_changes_no_answer_and_stops_no_lane()
    {
        var (kim, lee) = (await _bank.OpenWalletAsync(1_000), await _bank.OpenWalletAsync());
        var listener = new FailingListener();
        var engine = await _bank.AddEngineAsync(new PostingOptions { Lanes = 1 }, listener: listener);

        for (var n = 1; n <= 3; n++)
        {
            var sent = await engine.PostAsync(kim.Send(100, lee.Id));

            Assert.Equal((PostingStatus.Posted, false, n), (sent.Status, sent.Replayed, listener.Commits));
            Assert.Equal(1_000 - (n * 100), sent.Transfer!.Debit.Balance);
        }
        Assert.Equal(300, (await _bank.BalanceAsync(lee)).Balance);
    }

    private sealed class FailingListener : ICommitListener
    {
        public int Commits { get; private set; }

        public void Committed(IEnumerable<AccountState> changed, uint timeline, ulong lsn, DateTime at)
        {
            Commits++;
            throw new InvalidOperationException("A bug of the listener.");
        }
    }
}
