using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>What the worker does, with the worker's own role.</summary>
public sealed class JobTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;
    private NpgsqlDataSource _worker = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
        _worker = NpgsqlDataSource.Create(_database.Worker.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _bank.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Several_workers_at_once_return_each_hold_once()
    {
        var kim = await _bank.OpenWalletAsync(10_000);
        var lee = await _bank.OpenWalletAsync();
        for (var i = 0; i < 20; i++)
        {
            await kim.HoldsAsync(100, to: lee);
        }
        await _bank.ExecuteAsync("UPDATE holds SET expires_at = now()");
        var other = await _bank.AddEngineAsync();

        await Task.WhenAll(
            new HoldExpiry(_worker, _bank.Engine).ExpireDueAsync(Cancellation),
            new HoldExpiry(_worker, other).ExpireDueAsync(Cancellation)
        );

        Assert.Equal(10_000, (await _bank.BalanceAsync(kim)).Available);
        Assert.Equal(20, await _bank.CountAsync($"SELECT count(*) FROM transfers WHERE kind = {(int)TransferKind.Expire}"));
        await _bank.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData(50_000)]
    [InlineData(2)]
    public async Task Reconciliation_names_the_account_whose_balance_was_tampered_with(int windowSize)
    {
        var kim = await _bank.OpenWalletAsync(10_000);
        var lee = await _bank.OpenWalletAsync();
        await kim.SendsAsync(2_500, to: lee);
        Assert.True((await new Reconciliation(_worker, windowSize).RunAsync(Cancellation)).Balances);

        await _bank.CountAsync(
            $"WITH u AS (UPDATE balances SET balance = balance + 1 WHERE account_id = '{lee.Id}' RETURNING 1) SELECT count(*) FROM u"
        );
        var report = await new Reconciliation(_worker, windowSize).RunAsync(Cancellation);

        Assert.Contains(report.Discrepancies, line => line.StartsWith("currency 410", StringComparison.Ordinal));
        Assert.Contains(report.Discrepancies, line => line.Contains(lee.Id.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain(report.Discrepancies, line => line.Contains(kim.Id.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(50_000)]
    [InlineData(2)]
    public async Task Reconciliation_notices_a_missing_and_a_changed_row(int windowSize)
    {
        var kim = await _bank.OpenWalletAsync(10_000);
        var lee = await _bank.OpenWalletAsync();
        var sent = (await kim.SendsAsync(2_500, to: lee)).Transfer!;
        await kim.SendsAsync(100, to: lee);

        // Only the tables' owner can do this, and only after taking the guard off.
        await _bank.ExecuteAsync("ALTER TABLE transfers DISABLE TRIGGER transfers_are_immutable");
        await _bank.ExecuteAsync($"UPDATE transfers SET amount = 2400 WHERE id = '{sent.Id}'");
        var changed = await new Reconciliation(_worker, windowSize).RunAsync(Cancellation);
        await _bank.ExecuteAsync($"DELETE FROM transfers WHERE id = '{sent.Id}'");
        var missing = await new Reconciliation(_worker, windowSize).RunAsync(Cancellation);

        Assert.Equal(2, changed.Discrepancies.Count);
        Assert.Equal(2, missing.Discrepancies.Count);
    }

    [Fact]
    public async Task Transfers_refuse_to_be_changed_even_by_their_owner()
    {
        var kim = await _bank.OpenWalletAsync(10_000);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _bank.ExecuteAsync("UPDATE transfers SET amount = amount + 1"));

        Assert.Equal("QP001", refused.SqlState);
        Assert.Equal(10_000, (await _bank.BalanceAsync(kim)).Balance);
    }

    [Fact]
    public async Task Keys_past_their_retention_are_forgotten_and_younger_ones_still_replay()
    {
        var kim = await _bank.OpenWalletAsync(10_000);
        var lee = await _bank.OpenWalletAsync();
        await kim.SendsAsync(100, to: lee, key: "young");
        // Keys of two years ago, as the engine would have written them then.
        await _bank.ExecuteAsync(
            """
            INSERT INTO idempotency_keys
            SELECT gen_random_uuid(), gen_random_uuid(), uuid_v7_floor(now() - interval '2 years') FROM generate_series(1, 12000)
            """
        );

        var expiry = new KeyExpiry(_worker);
        var deleted = new List<long>();
        for (var hour = 0; hour < 24; hour++)
        {
            deleted.Add(await expiry.DeleteOlderThanAsync(KeyExpiry.Retention, hour, 24, Cancellation));
        }
        var again = await kim.SendsAsync(100, to: lee, key: "young");

        Assert.Equal(12_000, deleted.Sum());
        Assert.InRange(deleted.Max(), 1, 12_000 / 12);
        Assert.Equal(0, await expiry.DeleteOlderThanAsync(KeyExpiry.Retention, 0, 1, Cancellation));
        Assert.True(again.Replayed);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => expiry.DeleteOlderThanAsync(TimeSpan.FromDays(29), 0, 1, Cancellation));
        await _bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_refusal_outlives_its_key()
    {
        // Keys go slice by slice in the course of a day; one that is still there must still be answered.
        await _bank.ExecuteAsync(
            """
            INSERT INTO refusals
            SELECT uuid_v7_floor(now() - make_interval(days => age)), 8, 0, 0, now() - make_interval(days => age) FROM unnest(ARRAY[401, 430, 432]) AS age
            """
        );

        await new KeyExpiry(_worker).DeleteOlderThanAsync(KeyExpiry.Retention, 0, 24, Cancellation);

        Assert.Equal(2, await _bank.CountAsync("SELECT count(*) FROM refusals"));
    }

    [Fact]
    public async Task Months_are_made_ahead_and_making_them_again_changes_nothing()
    {
        await _bank.ExecuteAsync("DROP TABLE " + await LastMonthAsync());

        Assert.Equal(1, await WorkerScalarAsync("SELECT make_transfer_months(12)"));
        Assert.Equal(0, await WorkerScalarAsync("SELECT make_transfer_months(12)"));
        Assert.Equal(12, await WorkerScalarAsync("SELECT transfer_months_ahead()"));
    }

    private async Task<string> LastMonthAsync()
    {
        await using var command = _bank.Owner.CreateCommand(
            "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'transfers'::regclass"
        );
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private async Task<int> WorkerScalarAsync(string sql)
    {
        await using var command = _worker.CreateCommand(sql);
        return (int)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
