using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>A batch in which a stored key, its retries and other requests under it stand together.</summary>
public sealed class IdempotencyBatchTests(TestServers servers) : IAsyncLifetime
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
    public async Task A_retry_behind_another_request_under_its_key_gets_the_first_answer()
    {
        var kim = await _bank.OpenWalletAsync(1_000);
        var lee = await _bank.OpenWalletAsync();
        var first = await kim.SendsAsync(400, to: lee, key: "once");
        var engine = await _bank.AddEngineAsync(new PostingOptions { Lanes = 1 }, start: false);

        var other = engine.PostAsync(kim.Send(500, lee.Id, "once"));
        var retry = engine.PostAsync(kim.Send(400, lee.Id, "once"));
        var again = engine.PostAsync(kim.Send(500, lee.Id, "once"));
        await engine.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(PostingStatus.KeyReused, (await other).Status);
        Assert.Equal(
            (PostingStatus.Posted, true, first.Transfer!.Id),
            ((await retry).Status, (await retry).Replayed, (await retry).Transfer!.Id)
        );
        Assert.Equal(PostingStatus.KeyReused, (await again).Status);
        Assert.Equal(600, (await _bank.BalanceAsync(kim)).Balance);
    }
}
