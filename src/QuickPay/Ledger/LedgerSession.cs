using Npgsql;
using NpgsqlTypes;
using QuickPay.Accounts;
using QuickPay.Money;
using QuickPay.Postgres;
using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>How the last round trip of a batch ended.</summary>
internal enum CommitStatus
{
    /// <summary>COMMIT returned cleanly.</summary>
    Committed,

    /// <summary>The server refused a statement before COMMIT: nothing was written.</summary>
    Aborted,

    /// <summary>Anything else. It may have committed.</summary>
    Unknown,
}

internal readonly record struct CommitResult(CommitStatus Status, ulong Lsn = 0, Exception? Error = null);

/// <summary>A key that was there before: what was asked under it and what became of that.</summary>
internal sealed record StoredOutcome(Guid RequestDigest, Guid OutcomeId, Transfer? Transfer, Refusal Refusal);

/// <summary>One connection to the primary, and the two round trips of a batch on it. Not thread-safe: one lane's own.</summary>
internal sealed class LedgerSession : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly BatchColumns _columns = new();
    private bool _commitIsInDoubt;

    /// <summary>The server's clock when it was last read, and our own timestamp then.</summary>
    private (DateTime Server, long Own) _clock;

    private LedgerSession(NpgsqlConnection connection)
    {
        _connection = connection;
        _connection.Notice += (_, e) => _commitIsInDoubt |= PgErrors.TakesCommitBack(e.Notice);
    }

    public uint Timeline { get; private set; }

    /// <summary>The id of the batch under way.</summary>
    public long BatchId { get; private set; }

    /// <summary>The accounts of the batch under way.</summary>
    public List<Guid> Accounts => _columns.Accounts;

    public LockInquiry Locks => new(_connection);

    /// <summary>True if the statement that failed last was the insert of the keys.</summary>
    public bool FailedOnKeys { get; private set; }

    /// <summary>Connects to the primary; a standby, or a session that would not wait for its standby, is an error.</summary>
    public static async Task<LedgerSession> OpenAsync(NpgsqlDataSource dataSource, TimeProvider time, CancellationToken cancellationToken)
    {
        var session = new LedgerSession(await dataSource.OpenConnectionAsync(cancellationToken));
        try
        {
            await using var command = new NpgsqlCommand(LedgerSql.OpenSession, session._connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            if (reader.GetBoolean(0))
            {
                throw new NpgsqlException("Connected to a standby; money moves on the primary only.");
            }
            if (reader.GetString(1) is not ("on" or "remote_apply") and var level)
            {
                throw new NpgsqlException($"The session's synchronous_commit is {level}; it must be on or remote_apply.");
            }
            session.ClockWasRead(reader.GetDateTime(2), time);
            session.Timeline = (uint)reader.GetInt64(3);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public void ClockWasRead(DateTime server, TimeProvider time) => _clock = (server, time.GetTimestamp());

    /// <summary>
    /// The server's clock without asking it. Ids need their time before round trip 1, and a lane may have been idle for days:
    /// an id with the time of the batch before would be in another month, and outside the time range that a history is read for.
    /// </summary>
    public DateTime EstimateNow(TimeProvider time) => _clock.Server + time.GetElapsedTime(_clock.Own);

    /// <summary>
    /// Round trip 1: BEGIN, insert the keys, lock the balances and read the holds and the clock.
    /// </summary>
    /// <param name="leaders">One posting a key.</param>
    /// <param name="accounts">Gets what was locked and read.</param>
    /// <param name="waitsBriefly">For locks, a tenth of the usual time.</param>
    /// <param name="cancellationToken">Before round trip 2, stopping is harmless.</param>
    /// <returns>How many of the keys are new.</returns>
    public async Task<int> BeginAsync(
        IReadOnlyList<Posting> leaders,
        BatchAccounts accounts,
        bool waitsBriefly,
        CancellationToken cancellationToken
    )
    {
        _commitIsInDoubt = false;
        FailedOnKeys = false;
        _columns.FillFirst(leaders);
        await using var batch = new NpgsqlBatch(_connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.Begin));
        if (waitsBriefly)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.WaitBriefly));
        }
        var insertKeys = Command(LedgerSql.InsertKeys, Array(_columns.Keys), Array(_columns.Requests), Array(_columns.Outcomes));
        batch.BatchCommands.Add(insertKeys);
        batch.BatchCommands.Add(Command(LedgerSql.LockBalances, Array(_columns.Accounts)));
        var readsHolds = _columns.Holds.Count > 0;
        if (readsHolds)
        {
            batch.BatchCommands.Add(Command(LedgerSql.ReadHolds, Array(_columns.Holds)));
        }
        batch.BatchCommands.Add(Command(LedgerSql.ReadClock));
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                accounts.Add(ReadAccount(reader));
            }
            if (readsHolds)
            {
                await reader.NextResultAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    accounts.Add(ReadHold(reader));
                }
            }
            await reader.NextResultAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            accounts.Now = reader.GetDateTime(0);
            accounts.Today = LedgerDay.Of(accounts.Now);
            BatchId = reader.GetInt64(1);
        }
        catch (PostgresException e)
        {
            FailedOnKeys = e.BatchCommand == insertKeys;
            throw;
        }
        return (int)insertKeys.Rows;
    }

    /// <summary>The outcomes of keys that were there before, read under the same transaction. Our own new keys come too; the outcome id tells.</summary>
    public async Task<Dictionary<Guid, StoredOutcome>> ReadOutcomesAsync(CancellationToken cancellationToken)
    {
        var stored = new Dictionary<Guid, StoredOutcome>();
        await using var command = new NpgsqlCommand(LedgerSql.ReadKeys, _connection) { Parameters = { Array(_columns.Keys) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            stored.Add(reader.GetGuid(0), ReadStored(reader));
        }
        return stored;
    }

    /// <summary>
    /// Round trip 2: write and COMMIT. No time limit and no cancellation: either could make an unfinished commit look done.
    /// </summary>
    public async Task<CommitResult> CommitAsync(BatchWrites writes, BatchAccounts accounts)
    {
        await using var batch = new NpgsqlBatch(_connection) { Timeout = 0 };
        _columns.FillSecond(writes, accounts);
        AddWrites(batch, writes, accounts);
        var commit = new NpgsqlBatchCommand("COMMIT");
        batch.BatchCommands.Add(commit);
        batch.BatchCommands.Add(Command(LedgerSql.ReadLsn));
        try
        {
            // All statements go out in one pipeline with one Sync. If the transaction had been aborted before, the first of them
            // fails and the server skips the COMMIT: it can never answer ROLLBACK to us as if it were a success.
            ulong lsn = 0;
            await using (var reader = await batch.ExecuteReaderAsync(CancellationToken.None))
            {
                do
                {
                    while (await reader.ReadAsync(CancellationToken.None))
                    {
                        if (reader.GetFieldType(0) == typeof(NpgsqlLogSequenceNumber))
                        {
                            lsn = (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(0);
                        }
                    }
                } while (await reader.NextResultAsync(CancellationToken.None));
            }
            return _commitIsInDoubt ? new CommitResult(CommitStatus.Unknown) : new CommitResult(CommitStatus.Committed, lsn);
        }
        catch (PostgresException e) when (e.InvariantSeverity == "ERROR" && IsBefore(batch, e.BatchCommand, commit))
        {
            // The error is the proof: after it the server skips everything up to the Sync, the COMMIT too, and the transaction can only
            // roll back. The connection proves nothing more, and the driver gives it up after errors of classes 53, 58 and XX.
            return new CommitResult(CommitStatus.Aborted, Error: e);
        }
        catch (Exception e)
        {
            return new CommitResult(CommitStatus.Unknown, Error: e);
        }
    }

    /// <summary>Ends a transaction whose COMMIT was never sent; false if the connection is of no use any more.</summary>
    public async Task<bool> TryRollbackAsync()
    {
        try
        {
            await using var rollback = new NpgsqlCommand("ROLLBACK", _connection);
            await rollback.ExecuteNonQueryAsync(CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void AddWrites(NpgsqlBatch batch, BatchWrites writes, BatchAccounts accounts)
    {
        var c = _columns;
        if (writes.Rows.Count == 0 && writes.Refused.Count == 0)
        {
            batch.BatchCommands.Add(Command(LedgerSql.Barrier));
        }
        if (writes.Rows.Count > 0)
        {
            batch.BatchCommands.Add(
                Command(
                    LedgerSql.UpdateBalances,
                    // The driver cannot send arrays of tid; as text of no type the server reads it as one.
                    new NpgsqlParameter { Value = c.RowAddressText, NpgsqlDbType = NpgsqlDbType.Unknown },
                    Array(c.ChangedAccounts),
                    Array(c.Balances),
                    Array(c.Held),
                    Array(c.Versions),
                    Array(c.Days),
                    Array(c.DaySent),
                    new NpgsqlParameter<long> { TypedValue = c.ChangedAccounts.Count }
                )
            );
            batch.BatchCommands.Add(
                Command(
                    LedgerSql.InsertTransfers,
                    Array(c.Ids),
                    Array(c.Debits),
                    Array(c.Credits),
                    Array(c.Links),
                    Array(c.Amounts),
                    Array(c.DebitBalances),
                    Array(c.DebitHeld),
                    Array(c.DebitVersions),
                    Array(c.CreditBalances),
                    Array(c.CreditHeld),
                    Array(c.CreditVersions),
                    Array(c.Kinds),
                    Array(c.Currencies),
                    Array(c.Memos),
                    new NpgsqlParameter<long> { TypedValue = BatchId },
                    Time(accounts.Now),
                    Array(c.Expiries)
                )
            );
            batch.BatchCommands.Add(
                Command(
                    LedgerSql.InsertBatch,
                    new NpgsqlParameter<long> { TypedValue = BatchId },
                    new NpgsqlParameter<int> { TypedValue = writes.Rows.Count },
                    new NpgsqlParameter<byte[]> { TypedValue = writes.Digest },
                    Time(accounts.Now)
                )
            );
        }
        if (c.HoldIds.Count > 0)
        {
            batch.BatchCommands.Add(
                Command(
                    LedgerSql.OpenHolds,
                    Array(c.HoldIds),
                    Array(c.HoldDebits),
                    Array(c.HoldCredits),
                    Array(c.HoldAmounts),
                    Array(c.HoldDays),
                    Array(c.HoldExpiries)
                )
            );
        }
        if (c.ClosedHolds.Count > 0)
        {
            batch.BatchCommands.Add(
                Command(LedgerSql.CloseHolds, Array(c.ClosedHolds), new NpgsqlParameter<long> { TypedValue = c.ClosedHolds.Count })
            );
        }
        if (writes.Refused.Count > 0)
        {
            batch.BatchCommands.Add(
                Command(
                    LedgerSql.InsertRefusals,
                    Array(c.RefusalIds),
                    Array(c.RefusalCodes),
                    Array(c.RefusalLimits),
                    Array(c.RefusalRemaining),
                    Time(accounts.Now)
                )
            );
        }
    }

    private static bool IsBefore(NpgsqlBatch batch, NpgsqlBatchCommand? failed, NpgsqlBatchCommand commit) =>
        failed is not null && batch.BatchCommands.IndexOf(failed) is >= 0 and var index && index < batch.BatchCommands.IndexOf(commit);

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }
        return command;
    }

    private static NpgsqlParameter<List<T>> Array<T>(List<T> values) => new() { TypedValue = values };

    private static NpgsqlParameter<DateTime> Time(DateTime utc) => new() { TypedValue = utc, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static AccountState ReadAccount(NpgsqlDataReader row) =>
        new()
        {
            RowAddress = row.GetFieldValue<NpgsqlTid>(0),
            Id = row.GetGuid(1),
            Owner = row.GetGuid(2),
            Balance = row.GetInt64(3),
            Held = row.GetInt64(4),
            Version = row.GetInt64(5),
            Floor = row.GetInt64(6),
            DaySent = row.GetInt64(7),
            Day = row.GetFieldValue<DateOnly>(8),
            Tier = (Tier)row.GetInt16(9),
            Status = (AccountStatus)row.GetInt16(10),
            Currency = (Currency)row.GetInt16(11),
        };

    private static OpenHold ReadHold(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetInt64(3), row.GetFieldValue<DateOnly>(4), row.GetDateTime(5));

    private static StoredOutcome ReadStored(NpgsqlDataReader row)
    {
        var requestDigest = row.GetGuid(1);
        var outcomeId = row.GetGuid(2);
        if (!row.IsDBNull(3))
        {
            var refusal = new Refusal((TransferRefusal)row.GetInt16(3), (LimitKind)row.GetInt16(4), row.GetInt64(5));
            return new StoredOutcome(requestDigest, outcomeId, null, refusal);
        }
        return new StoredOutcome(requestDigest, outcomeId, row.IsDBNull(6) ? null : TransferReader.ReadTransfer(row, 6), default);
    }
}
