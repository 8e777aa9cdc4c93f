using System.Collections.Concurrent;
using Npgsql;

namespace QuickPay.Cli.Local.Zones;

/// <summary>What one PostgreSQL says of itself, asked through its socket: no broken line hides it.</summary>
/// <param name="Name">`pg-a`, `replica-1`.</param>
/// <param name="IsPrimary">Not in recovery: it would take writes.</param>
/// <param name="Timeline">Counts promotions.</param>
/// <param name="Lsn">How far its log goes: of a primary what is written, of a standby what it received and has on disk.</param>
/// <param name="SynchronousStandbys">Of a primary: `synchronous_standby_names` as it is in force.</param>
/// <param name="Acknowledging">Of a primary: who acknowledges its commits now.</param>
/// <param name="StreamsFrom">Of a standby: the address it receives from; null when it receives nothing.</param>
public sealed record PostgresSays(
    string Name,
    bool IsPrimary,
    uint Timeline,
    ulong Lsn,
    string SynchronousStandbys,
    IReadOnlyList<string> Acknowledging,
    string? StreamsFrom
);

/// <summary>All PostgreSQL servers at one moment. One that does not answer within a second is missing.</summary>
public sealed record PostgresView(IReadOnlyList<PostgresSays> Servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const string Question = """
        SELECT NOT pg_is_in_recovery(),
               CASE WHEN pg_is_in_recovery()
                    THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver), (pg_control_checkpoint()).timeline_id)
                    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
               CASE WHEN pg_is_in_recovery() THEN coalesce(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0')
                    ELSE pg_current_wal_lsn() END,
               current_setting('synchronous_standby_names'),
               ARRAY(SELECT application_name FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')),
               (SELECT sender_host || ':' || sender_port FROM pg_stat_wal_receiver WHERE status = 'streaming')
        """;

    // One connection each, kept: a drill asks five times a second.
    private static readonly ConcurrentDictionary<string, NpgsqlDataSource> Sources = [];

    /// <summary>The ones that would take writes: one, or none for a moment; two only while a lost one has not noticed yet.</summary>
    public IEnumerable<PostgresSays> Primaries => Servers.Where(server => server.IsPrimary);

    /// <summary>The one with the latest timeline.</summary>
    public PostgresSays? Primary => Primaries.MaxBy(server => server.Timeline);

    /// <summary>Asks all at once.</summary>
    /// <param name="servers">Each with the superuser's way in.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public static async Task<PostgresView> ReadAsync(
        IEnumerable<(string Name, string Superuser)> servers,
        CancellationToken cancellationToken
    )
    {
        var answers = await Task.WhenAll(servers.Select(AskAsync)).ConfigureAwait(false);
        return new PostgresView([.. answers.OfType<PostgresSays>()]);

        async Task<PostgresSays?> AskAsync((string Name, string Superuser) server)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                var source = Sources.GetOrAdd(server.Superuser, Keep);
                await using var command = source.CreateCommand(Question);
                await using var row = await command.ExecuteReaderAsync(limit.Token).ConfigureAwait(false);
                await row.ReadAsync(limit.Token).ConfigureAwait(false);
                return new PostgresSays(
                    server.Name,
                    row.GetBoolean(0),
                    (uint)row.GetInt32(1),
                    (ulong)row.GetFieldValue<NpgsqlTypes.NpgsqlLogSequenceNumber>(2),
                    row.GetString(3),
                    row.GetFieldValue<string[]>(4),
                    row.IsDBNull(5) ? null : row.GetString(5)
                );
            }
            catch (Exception silent)
                when (silent is NpgsqlException or TimeoutException
                    || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                )
            {
                return null;
            }
        }
    }

    /// <summary>Closes the connections that were kept to servers that have stopped.</summary>
    internal static async Task ForgetAsync(IEnumerable<(string Name, string Superuser)> servers)
    {
        foreach (var (_, superuser) in servers)
            if (Sources.TryRemove(superuser, out var source))
                await source.DisposeAsync().ConfigureAwait(false);
    }

    private static NpgsqlDataSource Keep(string superuser) =>
        NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(superuser)
            {
                Pooling = true,
                MaxPoolSize = 4,
                Timeout = 1,
                CommandTimeout = 1,
                // A question that waits for a stopped server must not wait for its cancellation too.
                CancellationTimeout = -1,
                ApplicationName = "quickpay status",
            }.ConnectionString
        );
}
