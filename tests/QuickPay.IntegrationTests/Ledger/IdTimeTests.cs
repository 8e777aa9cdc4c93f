using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>The time in the id of a transfer, by which its month is found: when it was posted, not when the lane took its last ids.</summary>
public sealed class IdTimeTests(TestServers servers) : IAsyncLifetime
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
    public async Task A_transfer_after_a_quiet_time_has_an_id_of_its_own_time()
    {
        var kim = await _bank.OpenWalletAsync(1_000);
        var lee = await _bank.OpenWalletAsync();
        var quietSince = TimeProvider.System.GetTimestamp();
        await Eventually.IsTrueAsync(() => TimeProvider.System.GetElapsedTime(quietSince) > TimeSpan.FromSeconds(3), "a quiet time");

        var sent = await kim.SendsAsync(400, to: lee);

        var id = Convert.ToInt64(sent.Transfer!.Id.ToString("N")[..12], 16);
        var created = new DateTimeOffset(sent.Transfer.CreatedAt).ToUnixTimeMilliseconds();
        Assert.InRange(created - id, -500, 1_500);
    }
}
