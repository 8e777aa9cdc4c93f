using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>PostgreSQL dies under load, and comes back.</summary>
public sealed class CrashTests(OwnServers own) : IClassFixture<OwnServers>, IAsyncLifetime
{
    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private LedgerBank _bank = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await own.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public Task A_killed_database_leaves_every_answer_true_and_the_engine_comes_back_by_itself() => KillAsync(rounds: 1, seed: 4711);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Category", "slow")]
    public Task A_database_that_is_killed_again_and_again_loses_and_doubles_nothing(int seed) => KillAsync(rounds: 10, seed);

    private async Task KillAsync(int rounds, int seed)
    {
        await using var crowd = await Crowd.GatherAsync(_bank, [_bank.Engine, await _bank.AddEngineAsync()], wallets: 20, seed);
        crowd.Start(senders: 64);
        for (var round = 0; round < rounds; round++)
        {
            await crowd.GoesOnAsync(200);
            await PostgresDeath.KillEverythingAsync(own.Servers);
            await own.Servers.Postgres.StartAsync(TestContext.Current.CancellationToken);
            await crowd.GoesOnAsync(200);
            await PostgresDeath.KillPostmasterAsync(own.Servers);
            await own.Servers.Postgres.StartAsync(TestContext.Current.CancellationToken);
            await crowd.GoesOnAsync(200);
            await PostgresDeath.KillOneSessionAsync(_superuser);
        }
        await crowd.GoesOnAsync(200);
        _bank.ForgetConnections();
        await crowd.LeaveAsync();
    }
}
