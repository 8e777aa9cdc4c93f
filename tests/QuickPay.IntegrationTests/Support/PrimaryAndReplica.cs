using Npgsql;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Two real PostgreSQL servers: a primary, and a replica that streams from it.</summary>
public sealed class PrimaryAndReplica : PrimaryAndStandby
{
    public PostgresServer Primary => Servers.Postgres;

    public PostgresServer Replica => Standby;

    protected override async Task ConfigureStandbyAsync(string configuration)
    {
        // Through the socket, as the user that both servers run as: a password would need a role of its own.
        var rules = await AskAsync<string>(Primary, "SHOW hba_file");
        await File.AppendAllTextAsync(rules, $"local replication {PostgresRoles.Superuser} peer map=owner\n");
        await DoAsync(Primary, "SELECT pg_reload_conf()");
        await File.AppendAllTextAsync(
            configuration,
            $"""

            primary_conninfo = 'host={Primary.SocketFolder} port={Primary.Port} user={PostgresRoles.Superuser}'
            wal_retrieve_retry_interval = 100ms
            """
        );
    }

    /// <summary>Writes something, wherever the replica is.</summary>
    /// <returns>A place in the log past it.</returns>
    public async Task<ulong> WriteAsync()
    {
        await DoAsync(Primary, "SELECT pg_logical_emit_message(true, 'test', '')");
        return await AskAsync<ulong>(Primary, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn");
    }

    /// <summary>The replica goes on receiving, and shows nothing new.</summary>
    public async Task PauseAsync()
    {
        await DoAsync(Replica, "SELECT pg_wal_replay_pause()");
        await Eventually.IsTrueAsync(
            async () => await AskAsync<string>(Replica, "SELECT pg_get_wal_replay_pause_state()") == "paused",
            "replay has paused"
        );
    }

    public Task ResumeAsync() => DoAsync(Replica, "SELECT pg_wal_replay_resume()");

    /// <summary>Until the replica has replayed all that there is.</summary>
    public async Task CaughtUpAsync()
    {
        var place = await WriteAsync();
        await Eventually.IsTrueAsync(
            async () => await AskAsync<ulong>(Replica, "SELECT pg_last_wal_replay_lsn() - '0/0'::pg_lsn") >= place,
            "the replica has caught up"
        );
    }

    public static async Task<T> AskAsync<T>(PostgresServer server, string sql)
    {
        await using var connection = await OpenAsync(server);
        return typeof(T) == typeof(ulong) ? (T)(object)(ulong)await connection.AskAsync<decimal>(sql) : await connection.AskAsync<T>(sql);
    }

    public static async Task DoAsync(PostgresServer server, string sql, string? database = null)
    {
        await using var connection = await OpenAsync(server, database);
        await connection.DoAsync(sql);
    }

    private static async Task<NpgsqlConnection> OpenAsync(PostgresServer server, string? database = null)
    {
        var connection = new NpgsqlConnection(
            database is null ? server.SuperuserConnectionString() : server.SuperuserConnectionString(database)
        );
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
