using Npgsql;

namespace QuickPay.Postgres;

/// <summary>
/// The database's roles, one for each kind of process, and what is theirs before there is a table. Made by a superuser, or where nobody is one
/// (RDS) by whoever may create roles.
/// </summary>
public static class DatabaseRoles
{
    /// <summary>Owns the database and everything in it; used by migrations alone.</summary>
    public const string Migrator = "qp_migrator";
    public const string Api = "qp_api";
    public const string Worker = "qp_worker";

    /// <summary>Reads what statistics are made of; writes nothing anywhere.</summary>
    public const string Statistics = "qp_stats";

    public static readonly IReadOnlyList<string> All = [Migrator, Api, Worker, Statistics];

    /// <summary>RDS's own: of its members, and members of members, it wants a token that IAM knows, and takes no password.</summary>
    private const string ByToken = "rds_iam";

    // A lane that freezes while it holds a hot account would stop everything: the server ends it after 2 s, and notices a dead peer by
    // keep-alives (5 + 3 x 2 s) where no FIN ever came.
    private static readonly string[] PostingSettings =
    [
        "lock_timeout = '1s'",
        "idle_in_transaction_session_timeout = '2s'",
        "synchronous_commit = 'on'",
        "tcp_keepalives_idle = 5",
        "tcp_keepalives_interval = 2",
        "tcp_keepalives_count = 3",
    ];

    // It has no right to write anyway. No question of its may hold up a primary, nor a replica's replay.
    private static readonly string[] StatisticsSettings =
    [
        "default_transaction_read_only = 'on'",
        "statement_timeout = '5s'",
        "lock_timeout = '1s'",
        "idle_in_transaction_session_timeout = '2s'",
    ];

    /// <summary>Makes the roles that are missing, and gives all of them their passwords and settings; the same again changes nothing.</summary>
    /// <param name="connection">Of whoever may create roles.</param>
    /// <param name="verifierOf">By role: its password as <see cref="ScramVerifier"/>; null where none has one.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    public static async Task CreateAsync(NpgsqlConnection connection, Func<string, string>? verifierOf, CancellationToken cancellationToken)
    {
        foreach (var role in All)
        {
            // Only a superuser may even say that a role is none; and of anybody else a role that is one is not changed: the last line fails.
            await ExecuteAsync(
                connection,
                $"""
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF;
                    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                        ALTER ROLE {role} NOSUPERUSER NOREPLICATION NOBYPASSRLS;
                    END IF;
                END $$;
                ALTER ROLE {role} LOGIN NOCREATEDB NOCREATEROLE PASSWORD {(verifierOf is null ? "NULL" : $"'{verifierOf(role)}'")};
                """,
                cancellationToken
            );
        }
        foreach (var role in (string[])[Api, Worker])
        {
            await SetAsync(connection, role, PostingSettings, cancellationToken);
        }
        await SetAsync(connection, Statistics, StatisticsSettings, cancellationToken);
    }

    /// <summary>On RDS: these roles, and whoever makes them, log in by tokens from now on, and by nothing else.</summary>
    /// <param name="connection">Of whoever may create roles.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task LetInByTokensAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, $"GRANT {ByToken} TO {string.Join(", ", All)}, CURRENT_USER", cancellationToken);

    /// <summary>Nobody but the processes' roles comes into a database.</summary>
    /// <param name="connection">Of the database's owner, or a superuser.</param>
    /// <param name="database">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task LetInAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection,
            $"""
            REVOKE ALL ON DATABASE {Quote(database)} FROM PUBLIC;
            GRANT CONNECT ON DATABASE {Quote(database)} TO {Api}, {Worker}, {Statistics}
            """,
            cancellationToken
        );

    /// <summary>
    /// Gives a database to the migrator, and with it the schema <c>public</c>, which is the database owner's. Whoever gives it away becomes a
    /// member of the migrator: PostgreSQL asks for that, and one who creates roles could do so at any time.
    /// </summary>
    /// <param name="connection">Of the database's owner.</param>
    /// <param name="database">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task GiveToMigratorAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection,
            $"""
            GRANT {Migrator} TO CURRENT_USER;
            ALTER DATABASE {Quote(database)} OWNER TO {Migrator}
            """,
            cancellationToken
        );

    /// <summary>A name as statements spell it.</summary>
    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static Task SetAsync(NpgsqlConnection connection, string role, string[] settings, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, string.Join(";\n", settings.Select(setting => $"ALTER ROLE {role} SET {setting}")), cancellationToken);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
