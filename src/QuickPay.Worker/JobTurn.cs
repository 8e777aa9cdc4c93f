using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Worker;

/// <summary>
/// A turn of a job that one worker does at a time: the others skip theirs. Ends with its connection, whatever happens to the worker. Only the
/// leader takes turns, but for a moment there may be two, and a turn may outlast its leader's lead: two that read whole tables at once
/// would double their load, and two that delete the same keys could wait for each other.
/// </summary>
internal sealed class JobTurn : IAsyncDisposable
{
    public const long Reconcile = 7205759403792802;
    public const long ExpireKeys = 7205759403792803;
    public const long RollUpStatistics = 7205759403792805;

    private readonly NpgsqlDataSource _dataSource;
    private readonly NpgsqlConnection _connection;
    private readonly long _job;

    private JobTurn(NpgsqlDataSource dataSource, NpgsqlConnection connection, long job) =>
        (_dataSource, _connection, _job) = (dataSource, connection, job);

    /// <returns>Null when another worker is at it.</returns>
    public static async Task<JobTurn?> TryTakeAsync(NpgsqlDataSource dataSource, long job, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            if (await AskAsync(connection, "SELECT pg_try_advisory_lock($1)", job, cancellationToken))
            {
                return new JobTurn(dataSource, connection, job);
            }
        }
        catch
        {
            // It may have the lock all the same: this session must not go back to the pool with it.
            await EndAsync(dataSource, connection);
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        // The pool keeps the session, and so the lock.
        try
        {
            await AskAsync(_connection, "SELECT pg_advisory_unlock($1)", _job, CancellationToken.None);
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e) || e is InvalidOperationException)
        {
            // The session is gone, and the lock with it; or it is ended here.
            await EndAsync(_dataSource, _connection);
            return;
        }
        await _connection.DisposeAsync();
    }

    private static ValueTask EndAsync(NpgsqlDataSource dataSource, NpgsqlConnection connection)
    {
        // Of a connection alone the driver finds only pools that no data source made.
        dataSource.Clear();
        return connection.DisposeAsync();
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string sql, long job, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = job });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
