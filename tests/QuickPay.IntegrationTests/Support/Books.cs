using Npgsql;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Support;

/// <summary>The law that every test ends with, whether money moved through HTTP or straight through the engine.</summary>
public static class Books
{
    // Joins, not a look-up a row: a long test leaves tens of thousands of batches, and nothing indexes rows by batch.
    private const string KeysWithoutOneOutcome = """
        SELECT count(*) FROM idempotency_keys k
        LEFT JOIN transfers t ON t.id = k.outcome_id LEFT JOIN refusals r ON r.id = k.outcome_id
        WHERE (t.id IS NULL) = (r.id IS NULL)
        """;

    private const string BatchesWithoutTheirRows = """
        SELECT count(*) FROM ledger_batches b
        FULL JOIN (SELECT batch_id, count(*) AS written FROM transfers GROUP BY batch_id) t ON t.batch_id = b.id
        WHERE coalesce(b.transfers, -1) <> coalesce(t.written, 0)
        """;

    /// <summary>See <see cref="Reconciliation"/>; and every key has its one outcome, every batch its rows and every row its batch.</summary>
    public static async Task ShouldBalanceAsync(NpgsqlDataSource owner)
    {
        var report = await new Reconciliation(owner).RunAsync(CancellationToken.None);
        Assert.Empty(report.Discrepancies);
        foreach (var broken in new[] { KeysWithoutOneOutcome, BatchesWithoutTheirRows })
        {
            await using var command = owner.CreateCommand(broken);
            Assert.Equal(0L, await command.ExecuteScalarAsync(CancellationToken.None));
        }
    }
}
