using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using QuickPay.Members;
using QuickPay.Postgres;

namespace QuickPay.Operators;

/// <summary>Somebody who looks after the house.</summary>
/// <param name="DisabledAt">Since then they are let in nowhere; null: they are.</param>
/// <param name="LockedUntil">Too many wrong passwords: until then none is looked at; null: it is. Log-ins that were before stay.</param>
public sealed record Operator(Guid Id, string Name, DateTime CreatedAt, DateTime? DisabledAt, DateTime? LockedUntil);

/// <summary>
/// The operators. The API may only look; adding, disabling and unlocking take the role that owns the schema, so nobody becomes an operator through a
/// server that members can reach.
/// </summary>
public sealed partial class OperatorDirectory(NpgsqlDataSource dataSource, PersonalDataKeys keys, TimeProvider time)
{
    /// <summary>Shortest password of an operator.</summary>
    public const int PasswordLengthMin = 12;

    /// <summary>Longest password of an operator.</summary>
    public const int PasswordLengthMax = Credentials.SecretLengthMax;

    private const string Columns =
        "id, name, created_at, disabled_at, CASE WHEN locked_until > clock_timestamp() THEN locked_until END AS locked_until";

    /// <summary>2 to 32 lower-case letters, digits, points, underscores and hyphens.</summary>
    public static bool IsName(string? name) => name is not null && Name().IsMatch(name);

    /// <exception cref="CommitUnknownException">It was done, and the standby may lack it: a failover may undo it.</exception>
    /// <summary>False when somebody has that name, or once had it: names are not given again, since records tell them.</summary>
    public async Task<bool> TryAddAsync(string name, string password, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var hash = await OperatorPasswords.HashAsync(keys, id, password);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "INSERT INTO operators (id, name, hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING RETURNING id",
            connection
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return await Commits.ScalarAsync(command) is not null;
    }

    /// <exception cref="CommitUnknownException">It was done, and the standby may lack it: a failover may undo it.</exception>
    /// <summary>False when nobody of that name could be let in anyway.</summary>
    public async Task<bool> TryDisableAsync(string name, CancellationToken cancellationToken)
    {
        const string Sql = "UPDATE operators SET disabled_at = clock_timestamp() WHERE name = $1 AND disabled_at IS NULL RETURNING id";
        return await TryChangeAsync(Sql, name, cancellationToken);
    }

    /// <exception cref="CommitUnknownException">It was done, and the standby may lack it: a failover may undo it.</exception>
    /// <summary>Forgets wrong passwords, and the lock that they made. False when nobody of that name could be let in anyway.</summary>
    public async Task<bool> TryUnlockAsync(string name, CancellationToken cancellationToken)
    {
        const string Sql = "UPDATE operators SET failures = 0, locked_until = NULL WHERE name = $1 AND disabled_at IS NULL RETURNING id";
        return await TryChangeAsync(Sql, name, cancellationToken);
    }

    /// <summary>All of them, by name, the disabled too.</summary>
    public async Task<IReadOnlyList<Operator>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"SELECT {Columns} FROM operators ORDER BY name");
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Null when they are disabled, or not there.</summary>
    public async Task<Operator?> FindActiveAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"SELECT {Columns} FROM operators WHERE id = $1 AND disabled_at IS NULL");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    private async Task<bool> TryChangeAsync(string sql, string name, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await Commits.ScalarAsync(command) is not null;
    }

    private static async Task<List<Operator>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var operators = new List<Operator>();
        while (await reader.ReadAsync(cancellationToken))
        {
            operators.Add(
                new Operator(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetDateTime(2),
                    await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetDateTime(3),
                    await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetDateTime(4)
                )
            );
        }
        return operators;
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{1,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
