using Npgsql;

namespace QuickPay.Cli.Local;

/// <summary>The database roles. None but the superuser can do more than migrations grant it, table by table.</summary>
public static class PostgresRoles
{
    public const string Superuser = "postgres";

    /// <summary>Owns the database and everything in it; used by migrations alone.</summary>
    public const string Migrator = "qp_migrator";
    public const string Api = "qp_api";
    public const string Worker = "qp_worker";

    /// <summary>Reads what statistics are made of, for an API server; writes nothing anywhere.</summary>
    public const string Statistics = "qp_stats";

    internal static readonly string[] WithPassword = [Migrator, Api, Worker, Statistics];

    /// <summary>Streams from another node, where there are several. Patroni makes it.</summary>
    internal const string Replicator = "qp_replicator";

    /// <summary>Compares a lost primary with its successor and sets it back (pg_rewind). Patroni makes it.</summary>
    internal const string Rewinder = "qp_rewinder";

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

    internal static async Task CreateAsync(string superuser, Secrets secrets, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(superuser);
        foreach (var role in WithPassword)
        {
            await source
                .ExecuteAsync(
                    $"""
                    DO $$ BEGIN
                        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF;
                    END $$;
                    ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '{secrets.ScramVerifierOf(role)}';
                    """,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        foreach (var role in (string[])[Api, Worker])
        foreach (var setting in PostingSettings)
            await source.ExecuteAsync($"ALTER ROLE {role} SET {setting}", cancellationToken).ConfigureAwait(false);
        foreach (var setting in StatisticsSettings)
            await source.ExecuteAsync($"ALTER ROLE {Statistics} SET {setting}", cancellationToken).ConfigureAwait(false);
        await source.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", cancellationToken).ConfigureAwait(false);
    }
}
