using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>Four lanes in two API servers, 50 accounts, every key sent to both servers at once, and sessions that are killed at random.</summary>
public sealed class SharedKeysTests(TestServers servers) : IAsyncLifetime
{
    private static readonly PostingOptions TwoLanes = new()
    {
        Lanes = 2,
        BatchMax = 256,
        DeadlineMs = 60_000,
    };

    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private LedgerBank _bank = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        // Well before lock_timeout, which would otherwise end a deadlock first and hide it.
        await _superuser.DoAsync($"ALTER ROLE qp_api IN DATABASE {_database.Name} SET deadlock_timeout = '50ms'");
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator, TwoLanes);
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public Task Killed_sessions_neither_deadlock_nor_lose_nor_double() => KillSessionsAsync(times: 40, seed: 5042);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Category", "slow")]
    public Task Hundreds_of_killed_sessions_neither_deadlock_nor_lose_nor_double(int seed) => KillSessionsAsync(times: 300, seed);

    private async Task KillSessionsAsync(int times, int seed)
    {
        await using var crowd = await Crowd.GatherAsync(
            _bank,
            [_bank.Engine, await _bank.AddEngineAsync(TwoLanes)],
            wallets: 50,
            seed,
            sharesKeys: true
        );
        var random = new Random(seed);
        crowd.Start(senders: 8);
        for (var i = 0; i < times; i++)
        {
            await crowd.GoesOnAsync(random.Next(1, 300));
            var function = random.Next(4) == 0 ? "pg_cancel_backend" : "pg_terminate_backend";
            await _superuser.SignalLanesAsync(
                function,
                $"pid IN (SELECT pid FROM pg_stat_activity WHERE {Superuser.Lanes} ORDER BY random() LIMIT {random.Next(1, 3)})"
            );
        }
        await crowd.GoesOnAsync(200);
        await crowd.LeaveAsync();

        Assert.Equal(0, await _superuser.AskAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
    }
}
