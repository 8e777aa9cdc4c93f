using System.Reflection;
using DbUp;
using DbUp.Engine;
using Npgsql;

namespace QuickPay.Postgres;

/// <summary>
/// Applies the numbered SQL files of <c>Postgres/Migrations</c>, each in its own transaction and once, in name order. An advisory
/// lock on a connection of its own makes a second migrator wait.
/// </summary>
public static class Migrator
{
    private const long LockId = 7205759403792800;

    /// <summary>Brings the database up to date; a failure names the file and leaves the ones before it applied.</summary>
    /// <param name="connectionString">For the role that owns the schema.</param>
    /// <param name="cancellationToken">Stops waiting for another migrator; a running file is finished.</param>
    /// <returns>The files that were applied.</returns>
    public static async Task<IReadOnlyList<string>> MigrateAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var guard = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString
        );
        await guard.OpenAsync(cancellationToken);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", guard) { CommandTimeout = 0 })
        {
            take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockId });
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        var result = await Task.Run(() => Upgrade(connectionString), cancellationToken);
        return result.Successful
            ? [.. result.Scripts.Select(script => script.Name)]
            : throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
    }

    private static DatabaseUpgradeResult Upgrade(string connectionString) =>
        DeployChanges
            .To.PostgresqlDatabase(connectionString)
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly(), name => name.Contains(".Migrations.", StringComparison.Ordinal))
            .WithVariablesDisabled()
            .WithTransactionPerScript()
            .LogToNowhere()
            .JournalToPostgresqlTable("public", "schema_versions")
            .Build()
            .PerformUpgrade();
}
