using System.Text.Json;
using Npgsql;
using QuickPay.Functions.Secrets;
using QuickPay.Postgres;

namespace QuickPay.Functions.Setup;

/// <summary>
/// Roles, ownership and schema of a database that RDS made, by its owner, who may create roles and is no superuser. One at a time: whoever comes
/// second waits, and finds everything done. Every step may be done again, so it may break off anywhere.
/// </summary>
internal sealed class DatabaseSetup : IAsyncDisposable
{
    // None that migrations take, which are run meanwhile on connections of their own.
    private const long LockId = 7205759403792899;
    private readonly NpgsqlConnection _owner;
    private readonly Func<string?, PostgresOptions> _reach;

    private DatabaseSetup(NpgsqlConnection owner, Func<string?, PostgresOptions> reach) => (_owner, _reach) = (owner, reach);

    /// <summary>Waits until it is the only one; that lasts until it is disposed of.</summary>
    /// <param name="reach">How a role reaches the database, by a token of now; null: who runs the migrations.</param>
    /// <param name="ownerSecret">The owner's name and first password, as RDS writes them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DatabaseSetup> BeginAsync(
        Func<string?, PostgresOptions> reach,
        string ownerSecret,
        CancellationToken cancellationToken
    )
    {
        var (username, password) = ParseOwner(ownerSecret);
        var owner = await OpenAsync(reach(username), password, cancellationToken);
        try
        {
            await using var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", owner)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = LockId } },
            };
            await take.ExecuteNonQueryAsync(cancellationToken);
            return new DatabaseSetup(owner, reach);
        }
        catch
        {
            await owner.DisposeAsync();
            throw;
        }
    }

    /// <summary>From then on all of them log in by tokens, the owner too.</summary>
    public async Task CreateRolesAsync(CancellationToken cancellationToken)
    {
        var database = _reach(null).Database;
        await DatabaseRoles.CreateAsync(_owner, verifierOf: null, cancellationToken);
        await DatabaseRoles.LetInByTokensAsync(_owner, cancellationToken);
        await DatabaseRoles.GiveToMigratorAsync(_owner, database, cancellationToken);
        await DatabaseRoles.LetInAsync(_owner, database, cancellationToken);
    }

    /// <param name="extensions">Their names; the server has them, and its settings have loaded them.</param>
    /// <param name="cancellationToken">Stops between two.</param>
    public async Task CreateExtensionsAsync(IEnumerable<string> extensions, CancellationToken cancellationToken)
    {
        foreach (var extension in extensions)
        {
            await using var create = new NpgsqlCommand($"CREATE EXTENSION IF NOT EXISTS \"{extension.Replace("\"", "\"\"")}\"", _owner);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <returns>The files that were applied.</returns>
    public async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A running file does not stop for a token. Whoever gives it up ends the process, and with it the file's transaction.
            return await Migrator.MigrateAsync(DataSources.ForSettingUp(_reach(null)), cancellationToken).WaitAsync(cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            throw new FunctionException(e.Message, e);
        }
    }

    /// <summary>Whether there is personal data, which is sealed under a key that there must be then.</summary>
    public async Task<bool> HasMembersAsync(CancellationToken cancellationToken)
    {
        await using var migrator = new NpgsqlConnection(DataSources.ForSettingUp(_reach(null)));
        await migrator.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM members)", migrator);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public ValueTask DisposeAsync() => _owner.DisposeAsync();

    /// <summary>The first time RDS knows the password that it was made with; afterwards it asks for a token.</summary>
    private static async Task<NpgsqlConnection> OpenAsync(PostgresOptions byToken, string password, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(byToken, cancellationToken);
        }
        // A token that is taken for a password, and is not the right one; one that is refused as a token is another error.
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return await OpenAsync(byToken.As(byToken.Username, password), cancellationToken);
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(PostgresOptions options, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(DataSources.ForSettingUp(options));
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static (string Username, string Password) ParseOwner(string secret)
    {
        try
        {
            using var json = JsonDocument.Parse(secret);
            return (json.RootElement.GetProperty("username").GetString()!, json.RootElement.GetProperty("password").GetString()!);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Not with what the parser says: it may quote the secret.
            throw new FunctionException("The owner's secret is not the JSON that RDS writes, with username and password.");
        }
    }
}
