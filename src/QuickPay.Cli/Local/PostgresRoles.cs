using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Cli.Local;

/// <summary>The roles of a server of ours: those of <see cref="DatabaseRoles"/>, and who runs it.</summary>
public static class PostgresRoles
{
    public const string Superuser = "postgres";

    /// <inheritdoc cref="DatabaseRoles.Migrator" />
    public const string Migrator = DatabaseRoles.Migrator;
    public const string Api = DatabaseRoles.Api;
    public const string Worker = DatabaseRoles.Worker;

    /// <inheritdoc cref="DatabaseRoles.Statistics" />
    public const string Statistics = DatabaseRoles.Statistics;

    internal static readonly string[] WithPassword = [.. DatabaseRoles.All];

    /// <summary>Streams from another node, where there are several. Patroni makes it.</summary>
    internal const string Replicator = "qp_replicator";

    /// <summary>Compares a lost primary with its successor and sets it back (pg_rewind). Patroni makes it.</summary>
    internal const string Rewinder = "qp_rewinder";

    internal static async Task CreateAsync(string superuser, Secrets secrets, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(superuser);
        await using (var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false))
            await DatabaseRoles.CreateAsync(connection, secrets.ScramVerifierOf, cancellationToken).ConfigureAwait(false);
        await source.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", cancellationToken).ConfigureAwait(false);
    }
}
