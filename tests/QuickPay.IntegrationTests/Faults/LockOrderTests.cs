using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>
/// Every batch of every server takes its keys, and then its accounts, in one order, in whatever order the requests came. So a batch that
/// waits holds nothing that comes after what it waits for, and two batches never wait for each other.
/// </summary>
public sealed class LockOrderTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private LedgerBank _bank = null!;
    private Wallet _kim = null!;
    private Wallet _lee = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
        (_kim, _lee) = (await _bank.OpenWalletAsync(1_000), await _bank.OpenWalletAsync(1_000));
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_batch_that_waits_for_a_key_has_not_taken_a_higher_one()
    {
        PostingRequest[] requests = [.. Enumerable.Range(0, 50).Select(_ => _kim.Send(1, _lee.Id)).OrderByDescending(Key)];

        await InTheWayAsync(
            requests,
            $"INSERT INTO idempotency_keys VALUES ('{Key(requests[^1])}', gen_random_uuid(), gen_random_uuid())",
            $"INSERT INTO idempotency_keys VALUES ('{Key(requests[0])}', gen_random_uuid(), gen_random_uuid())"
        );

        static string Key(PostingRequest request) => request.KeyDigest.ToString();
    }

    [Fact]
    public async Task A_batch_that_waits_for_an_account_has_not_locked_a_higher_one()
    {
        Wallet[] order = [.. new[] { _kim, _lee }.OrderBy(wallet => wallet.Id.ToString())];

        await InTheWayAsync(
            [order[1].Send(1, order[0].Id), order[0].Send(1, order[1].Id)],
            $"SELECT FROM balances WHERE account_id = '{order[0].Id}' FOR UPDATE",
            $"SELECT FROM balances WHERE account_id = '{order[1].Id}' FOR UPDATE"
        );
    }

    /// <summary>Another session has the lowest; while the batch waits for that, the other session gets the highest too.</summary>
    private async Task InTheWayAsync(PostingRequest[] requests, string takeLowest, string takeHighest)
    {
        var engine = await _bank.AddEngineAsync(new PostingOptions { Lanes = 1, DeadlineMs = 60_000 }, start: false);
        await using var other = await _bank.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var holding = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await other.DoAsync("SET LOCAL lock_timeout = '100ms'");
        await other.DoAsync(takeLowest);
        var answers = Task.WhenAll(requests.Select(engine.PostAsync));
        await engine.StartAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(async () => await _superuser.CountLanesAsync("wait_event_type = 'Lock'") > 0, "the batch waits");

        await other.DoAsync(takeHighest);

        await holding.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.All(await answers, answer => Assert.Equal(PostingStatus.Posted, answer.Status));
    }
}
