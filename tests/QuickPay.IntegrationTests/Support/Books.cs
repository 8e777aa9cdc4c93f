using Npgsql;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Support;

/// <summary>The law that every test ends with, whether money moved through HTTP or straight through the engine.</summary>
public static class Books
{
    private const string KeysWithoutOneOutcome = """
        SELECT count(*) FROM idempotency_keys k
        WHERE (SELECT count(*) FROM transfers t WHERE t.id = k.outcome_id) + (SELECT count(*) FROM refusals r WHERE r.id = k.outcome_id) <> 1
        """;

    private const string BatchesWithoutTheirRows =
        "SELECT count(*) FROM ledger_batches b WHERE transfers <> (SELECT count(*) FROM transfers t WHERE t.batch_id = b.id)";

    private const string RowsWithoutABatch =
        "SELECT count(*) FROM transfers t WHERE NOT EXISTS (SELECT FROM ledger_batches b WHERE b.id = t.batch_id)";

    /// <summary>See <see cref="Reconciliation"/>; and every key has its one outcome, every batch its rows.</summary>
    public static async Task ShouldBalanceAsync(NpgsqlDataSource owner)
    {
        var report = await new Reconciliation(owner).RunAsync(CancellationToken.None);
        Assert.Empty(report.Discrepancies);
        foreach (var broken in new[] { KeysWithoutOneOutcome, BatchesWithoutTheirRows, RowsWithoutABatch })
        {
            await using var command = owner.CreateCommand(broken);
            Assert.Equal(0L, await command.ExecuteScalarAsync(CancellationToken.None));
        }
    }
}
