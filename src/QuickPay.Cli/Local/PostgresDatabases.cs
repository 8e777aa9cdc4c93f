using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Cli.Local;

/// <summary>Databases, made and dropped by the superuser.</summary>
internal static class PostgresDatabases
{
    /// <summary>
    /// Makes a database of the migrator with room for the API, the worker and statistics, optionally as a copy of a template (to which nobody may be
    /// connected meanwhile).
    /// </summary>
    public static async Task CreateAsync(string superuser, string name, string? template, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(superuser);
        var copy = template is null ? "" : $" TEMPLATE {DatabaseRoles.Quote(template)}";
        await source
            .ExecuteAsync($"CREATE DATABASE {DatabaseRoles.Quote(name)} OWNER {PostgresRoles.Migrator}{copy}", cancellationToken)
            .ConfigureAwait(false);
        // A copy does not inherit it.
        await LetInAsync(source, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops a database, whoever is still connected.</summary>
    public static async Task DropAsync(string superuser, string name, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(superuser);
        await source
            .ExecuteAsync($"DROP DATABASE IF EXISTS {DatabaseRoles.Quote(name)} WITH (FORCE)", cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Makes the database if there is none yet, and brings its schema up to date.</summary>
    /// <param name="superuser">To the primary.</param>
    /// <param name="owner">The migrator's way to the database.</param>
    /// <param name="name">Of the database.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    public static async Task CreateMigratedAsync(string superuser, string owner, string name, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(superuser, name, cancellationToken).ConfigureAwait(false))
            await CreateAsync(superuser, name, template: null, cancellationToken).ConfigureAwait(false);
        else
        {
            // It may be older than one of the roles.
            await using var source = NpgsqlDataSource.Create(superuser);
            await LetInAsync(source, name, cancellationToken).ConfigureAwait(false);
        }
        await Migrator.MigrateAsync(owner, cancellationToken).ConfigureAwait(false);
        // The owner's connections have no business afterwards, and a template that is copied may have none.
        await using var pooled = new NpgsqlConnection(owner);
        NpgsqlConnection.ClearPool(pooled);
    }

    public static async Task<bool> ExistsAsync(string superuser, string name, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(superuser);
        await using var command = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not null;
    }

    private static async Task LetInAsync(NpgsqlDataSource source, string name, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await DatabaseRoles.LetInAsync(connection, name, cancellationToken).ConfigureAwait(false);
    }
}
