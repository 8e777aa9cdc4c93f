using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>PostgreSQL dies under load.</summary>
public sealed class CrashTests(OwnServers own) : IClassFixture<OwnServers>, IAsyncLifetime
{
    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await own.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
    }

    public async ValueTask DisposeAsync()
    {
        await _bank.ShouldBalanceAsync();
        await _bank.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public Task A_killed_database_leaves_every_answer_true_and_the_engine_comes_back_by_itself() => KillAsync(times: 2);

    [Fact]
    [Trait("Category", "slow")]
    public Task A_database_that_is_killed_again_and_again_loses_and_doubles_nothing() => KillAsync(times: 20);

    private async Task KillAsync(int times)
    {
        var crowd = await Crowd.GatherAsync(_bank, [_bank.Engine, await _bank.AddEngineAsync()], wallets: 20, seed: 4711);
        crowd.Start(senders: 64);
        for (var i = 0; i < times; i++)
        {
            await crowd.GoesOnAsync(200);
            await own.Servers.Postgres.KillAsync();
            await own.Servers.Postgres.StartAsync(TestContext.Current.CancellationToken);
        }
        await crowd.GoesOnAsync(200);
        _bank.ForgetConnections();
        await crowd.LeaveAsync();
    }
}
