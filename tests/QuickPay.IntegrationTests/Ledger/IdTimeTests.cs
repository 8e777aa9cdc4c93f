using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>The time in the id of a transfer, by which its month is found: when it was posted, not when the lane took its last ids.</summary>
public sealed class IdTimeTests(TestServers servers) : IAsyncLifetime
{
    /// <summary>What the two batches may take, however slow the machine.</summary>
    private static readonly TimeSpan Inexact = TimeSpan.FromMinutes(2);

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
    public async Task After_a_quiet_time_an_id_has_the_time_that_has_passed_since_the_last_batch()
    {
        var quiet = TimeSpan.FromHours(3);
        var (kim, lee) = (await _bank.OpenWalletAsync(1_000), await _bank.OpenWalletAsync());
        var time = new FakeTimeProvider();
        var engine = await _bank.AddEngineAsync(new PostingOptions { Lanes = 1 }, time: time);

        var before = (await engine.PostAsync(kim.Send(100, lee.Id))).Transfer!;
        time.Advance(quiet);
        var after = (await engine.PostAsync(kim.Send(100, lee.Id))).Transfer!;

        Assert.InRange(TimeOf(before.Id) - before.CreatedAt, -Inexact, Inexact);
        // Ids are needed before the database is asked for its time, and the database's clock has not heard of these hours.
        Assert.InRange(TimeOf(after.Id) - after.CreatedAt, quiet - Inexact, quiet + Inexact);
    }

    private static DateTime TimeOf(Guid id) =>
        DateTime.UnixEpoch.AddMilliseconds(long.Parse(id.ToString("N")[..12], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
