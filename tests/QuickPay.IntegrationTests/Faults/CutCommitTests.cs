using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>Connections that end or fall silent exactly before, during and after their COMMIT.</summary>
public sealed class CutCommitTests(TestServers servers) : IAsyncLifetime
{
    /// <summary>Nobody shall run into the deadline here: every answer must be definite, however slow the machine.</summary>
    private static readonly PostingOptions Patient = new() { DeadlineMs = 60_000, AbandonCommitMs = 20_000 };

    /// <summary>Silent commits are left alone soon.</summary>
    private static readonly PostingOptions Watchful = new() { Lanes = 1, DeadlineMs = 60_000, AbandonCommitMs = 200 };

    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;
    private PgProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
        _proxy = PgProxy.Start(servers.Shared);
    }

    public async ValueTask DisposeAsync()
    {
        await _bank.ShouldBalanceAsync();
        _proxy.Thaw();
        await _bank.DisposeAsync();
        await _proxy.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("BeforeWrites")]
    [InlineData("BeforeCommit")]
    [InlineData("WhileCommitting")]
    [InlineData("AfterCommit")]
    public async Task A_connection_cut_at_its_commit_is_answered_truly_and_posts_once(string moment)
    {
        var at = Enum.Parse<StrikeAt>(moment);
        var engine = await _bank.AddEngineAsync(Patient, _proxy.Address);
        var crowd = await Crowd.GatherAsync(_bank, [engine], wallets: 20, seed: 20261122);
        var commits = 0;
        _proxy.OnCommit = () => Interlocked.Increment(ref commits) % 4 == 0 ? new Strike(at) : default;

        crowd.Start(senders: 64);
        await Eventually.IsTrueAsync(() => _proxy.Strikes(at) >= 12, "a dozen connections are cut");
        _proxy.OnCommit = () => default;
        await crowd.GoesOnAsync(200);
        await crowd.LeaveAsync();

        Assert.Equal([PostingStatus.Posted], crowd.Tally.Keys);
        Assert.Equal(0, _proxy.CancelRequests);
    }
}
