using Npgsql;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>A migrated database of one test class, and the ways to it.</summary>
public sealed class TestDatabase(LocalServers servers, string name) : IAsyncDisposable
{
    public string Name => name;

    /// <summary>As the API servers connect.</summary>
    public PostgresConnection Api => servers.Postgres.Connection(PostgresRoles.Api, name);

    /// <summary>As the worker connects.</summary>
    public PostgresConnection Worker => servers.Postgres.Connection(PostgresRoles.Worker, name);

    /// <summary>As API servers connect for statistics.</summary>
    public PostgresConnection Statistics => servers.Postgres.Connection(PostgresRoles.Statistics, name);

    /// <summary>The owner of the tables: for looking into everything.</summary>
    public PostgresConnection Migrator => servers.Postgres.Connection(PostgresRoles.Migrator, name);

    /// <summary>Through the socket, unpooled: for pg_terminate_backend and the like.</summary>
    public string SuperuserConnectionString => servers.Postgres.SuperuserConnectionString(name);

    public RedisConnection Redis => servers.Redis.Connection(RedisUsers.Api);

    /// <summary>The settings of an API server on this database.</summary>
    public HostSettingsFile ApiSettings(string url, string internalUrl) => servers.SettingsFor(PostgresRoles.Api, name, url, internalUrl);

    /// <summary>The settings of a worker on this database.</summary>
    public HostSettingsFile WorkerSettings(string url, string internalUrl) =>
        servers.SettingsFor(PostgresRoles.Worker, name, url, internalUrl);

    /// <summary>Changes one row behind the servers' backs, as the owner of the tables.</summary>
    public async Task DoAsync(string sql)
    {
        await using var owner = NpgsqlDataSource.Create(Migrator.ConnectionString);
        Assert.Equal(1, await owner.DoAsync(sql));
    }

    /// <summary>As the owner of the tables.</summary>
    public async Task<T> AskAsync<T>(string sql)
    {
        await using var owner = NpgsqlDataSource.Create(Migrator.ConnectionString);
        return await owner.AskAsync<T>(sql);
    }

    public async ValueTask DisposeAsync()
    {
        // Pools would find their connections cut, and say so in the next test.
        foreach (var connection in (PostgresConnection[])[Api, Worker, Statistics, Migrator])
        {
            await using var pooled = new NpgsqlConnection(connection.ConnectionString);
            NpgsqlConnection.ClearPool(pooled);
        }
        await servers.Postgres.DropDatabaseAsync(name, CancellationToken.None);
    }
}
