using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>Connections that end, or fall silent, exactly before, during and after their COMMIT.</summary>
public sealed class CutCommitTests(TestServers servers) : IAsyncLifetime
{
    /// <summary>Nobody shall run into the deadline here: every answer must be definite, however slow the machine.</summary>
    private static readonly PostingOptions Patient = new() { DeadlineMs = 60_000, AbandonCommitMs = 20_000 };

    /// <summary>A silent commit is left alone soon.</summary>
    private static readonly PostingOptions Watchful = new()
    {
        Lanes = 1,
        DeadlineMs = 60_000,
        AbandonCommitMs = 200,
    };

    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private LedgerBank _bank = null!;
    private PgProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
        _proxy = PgProxy.Start(servers.Shared);
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await using var proxy = _proxy;
        await bank.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData(StrikeAt.BeforeWrites)]
    [InlineData(StrikeAt.BeforeCommit)]
    [InlineData(StrikeAt.WhileCommitting)]
    [InlineData(StrikeAt.AfterCommit)]
    public async Task Connections_cut_at_their_commit_leave_every_answer_true_and_post_once(StrikeAt at)
    {
        var engine = await _bank.AddEngineAsync(Patient, _proxy.Address);
        await using var crowd = await Crowd.GatherAsync(_bank, [engine], wallets: 20, seed: 20261122);
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

    [Fact]
    public async Task A_commit_whose_answer_stays_out_is_looked_up_and_the_late_answer_changes_nothing()
    {
        var (engine, kim, lee) = await OpenAsync();
        FreezeOnce(StrikeAt.AfterCommit);

        var sent = await engine.PostAsync(kim.Send(300, lee.Id, "once"));
        _proxy.Thaw();
        var again = await engine.PostAsync(kim.Send(300, lee.Id, "once"));

        Assert.Equal((PostingStatus.Posted, false), (sent.Status, sent.Replayed));
        Assert.Equal((sent.Transfer, true), (again.Transfer, again.Replayed));
        Assert.Equal(0, _proxy.CancelRequests);
        Assert.Equal(300, (await _bank.BalanceAsync(lee)).Balance);
    }

    [Fact]
    public async Task A_commit_that_arrives_while_it_is_looked_up_is_the_answer()
    {
        var (engine, kim, lee) = await OpenAsync();
        FreezeOnce(StrikeAt.BeforeWrites);

        var sending = engine.PostAsync(kim.Send(300, lee.Id, "once"));
        await Eventually.IsTrueAsync(
            async () => await _superuser.CountLanesAsync("wait_event_type = 'Lock'") > 0,
            "the second attempt waits for the first one's key"
        );
        _proxy.Thaw();
        var sent = await sending;

        Assert.Equal((PostingStatus.Posted, false), (sent.Status, sent.Replayed));
        Assert.Equal(300, (await _bank.BalanceAsync(lee)).Balance);
    }

    [Fact]
    public async Task A_commit_that_arrives_after_its_look_up_finds_its_session_gone()
    {
        var (engine, kim, lee) = await OpenAsync();
        FreezeOnce(StrikeAt.BeforeWrites);

        // The server ends a session that is idle in its transaction for 2 s; only then is the key free.
        var sent = await engine.PostAsync(kim.Send(300, lee.Id, "once"));
        _proxy.Thaw();
        var next = await engine.PostAsync(kim.Send(200, lee.Id));

        Assert.Equal((PostingStatus.Posted, false), (sent.Status, sent.Replayed));
        Assert.Equal(PostingStatus.Posted, next.Status);
        Assert.Equal(0, _proxy.CancelRequests);
        Assert.Equal(500, (await _bank.BalanceAsync(lee)).Balance);
    }

    [Fact]
    public async Task A_round_trip_that_stops_half_way_does_not_hold_its_accounts_for_ever()
    {
        var (engine, kim, lee) = await OpenAsync();
        FreezeOnce(StrikeAt.BeforeCommit);

        var sent = await engine.PostAsync(kim.Send(300, lee.Id, "once"));
        _proxy.Thaw();
        var next = await engine.PostAsync(kim.Send(200, lee.Id));

        Assert.Equal((PostingStatus.Posted, false), (sent.Status, sent.Replayed));
        Assert.Equal(PostingStatus.Posted, next.Status);
        Assert.Equal(0, _proxy.CancelRequests);
        Assert.Equal(500, (await _bank.BalanceAsync(lee)).Balance);
    }

    private async Task<(PostingEngine Engine, Wallet Kim, Wallet Lee)> OpenAsync() =>
        (await _bank.AddEngineAsync(Watchful, _proxy.Address), await _bank.OpenWalletAsync(1_000), await _bank.OpenWalletAsync());

    private void FreezeOnce(StrikeAt at)
    {
        var commits = 0;
        _proxy.OnCommit = () => Interlocked.Increment(ref commits) == 1 ? new Strike(at, Freezes: true) : default;
    }
}
