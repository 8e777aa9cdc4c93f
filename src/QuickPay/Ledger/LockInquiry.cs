using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Ledger;

/// <summary>What stands in the way after a lock timeout. Asked outside a transaction, and seldom.</summary>
internal sealed class LockInquiry(NpgsqlConnection connection)
{
    /// <summary>So many stuck accounts are a whole batch that stands still; whoever has them has the others too.</summary>
    private const int AskedMax = 10;

    /// <summary>
    /// The accounts that another transaction sits on. Those that lanes at work have locked just now are free again when asked for one by one.
    /// </summary>
    public async Task<HashSet<Guid>> FindStuckAsync(List<Guid> accounts, CancellationToken cancellationToken)
    {
        var locked = new List<Guid>();
        await using (var command = new NpgsqlCommand(LedgerSql.FindLocked, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<List<Guid>> { TypedValue = accounts });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                locked.Add(reader.GetGuid(0));
            }
        }
        var stuck = new HashSet<Guid>();
        foreach (var account in locked)
        {
            if (stuck.Count >= AskedMax || !await IsFreeAsync(account, cancellationToken))
            {
                stuck.Add(account);
            }
        }
        return stuck;
    }

    /// <summary>Ends lanes that stand still in the middle of a round trip; true if there was one.</summary>
    public async Task<bool> EndStalledLanesAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LedgerSql.EndStalledLanes, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! > 0;
    }

    private async Task<bool> IsFreeAsync(Guid account, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.WaitBrieflyForOne));
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(LedgerSql.LockOne) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = account } } }
        );
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PgErrors.LockNotAvailable)
        {
            return false;
        }
    }
}
