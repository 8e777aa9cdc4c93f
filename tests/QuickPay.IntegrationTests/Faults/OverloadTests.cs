using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>More than the engine can take, later than anybody waits, and the end of its work.</summary>
public sealed class OverloadTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;
    private Wallet _kim = null!;
    private Wallet _lee = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
        _kim = await _bank.OpenWalletAsync(10_000);
        _lee = await _bank.OpenWalletAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task What_the_queue_has_no_room_for_is_refused_at_once_and_never_tried()
    {
        var engine = await _bank.AddEngineAsync(new PostingOptions { QueueMax = 16 }, start: false);

        var waiting = Enumerable.Range(0, 16).Select(_ => engine.PostAsync(_kim.Send(1, _lee.Id))).ToList();
        var tooMany = _kim.Send(1, _lee.Id);
        var refused = engine.PostAsync(tooMany);

        Assert.True(refused.IsCompleted);
        Assert.Equal(PostingStatus.Overloaded, (await refused).Status);
        await engine.StartAsync(CancellationToken.None);
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(PostingStatus.Posted, answer.Status));
        Assert.Equal(16, (await _bank.BalanceAsync(_lee)).Balance);
        Assert.Equal(PostingStatus.Posted, (await engine.PostAsync(tooMany)).Status);
    }

    [Fact]
    public async Task Who_waits_in_the_queue_past_the_deadline_was_never_tried_and_hears_that()
    {
        // The only lane waits for an account that somebody else has locked.
        var engine = await _bank.AddEngineAsync(new PostingOptions { Lanes = 1, DeadlineMs = 500 });
        var park = await _bank.OpenWalletAsync(1_000);
        await using var other = await _bank.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var holding = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await other.DoAsync($"SELECT FROM balances WHERE account_id = '{park.Id}' FOR UPDATE");
        var inHand = park.Send(1, _lee.Id);
        var first = engine.PostAsync(inHand);
        await Eventually.IsTrueAsync(
            async () => await new Superuser(_database).CountLanesAsync("wait_event_type = 'Lock'") > 0,
            "the lane waits for the account"
        );

        var requests = Enumerable.Range(0, 100).Select(_ => _kim.Send(1, _lee.Id)).ToList();
        var answers = await Task.WhenAll(requests.Select(engine.PostAsync));

        Assert.All(answers, answer => Assert.Equal(PostingStatus.Unavailable, answer.Status));
        Assert.True((await first).Status is PostingStatus.Unknown or PostingStatus.Unavailable);
        await holding.RollbackAsync(TestContext.Current.CancellationToken);
        await engine.StopAsync(CancellationToken.None);
        // What the lane had in its hands could still be posted, and says so when asked again; the others never are.
        Assert.Equal(PostingStatus.Posted, (await _bank.Engine.PostAsync(inHand)).Status);
        Assert.Equal(1, (await _bank.BalanceAsync(_lee)).Balance);
    }

    [Fact]
    public async Task An_engine_that_stops_finishes_what_waits_and_takes_nothing_new()
    {
        var engine = await _bank.AddEngineAsync(new PostingOptions { BatchMax = 10 }, start: false);
        var waiting = Enumerable.Range(0, 200).Select(_ => engine.PostAsync(_kim.Send(1, _lee.Id))).ToList();

        await engine.StartAsync(CancellationToken.None);
        await engine.StopAsync(CancellationToken.None);

        Assert.All(waiting, answer => Assert.True(answer.IsCompletedSuccessfully));
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(PostingStatus.Posted, answer.Status));
        Assert.Equal(PostingStatus.Overloaded, (await engine.PostAsync(_kim.Send(1, _lee.Id))).Status);
        Assert.Equal(200, (await _bank.BalanceAsync(_lee)).Balance);
    }
}
