namespace QuickPay.Cli.Local;

/// <summary>What differs between a server for people and one for tests.</summary>
/// <param name="Durable">False lets a power cut lose data: for tests that do not cut anything.</param>
/// <param name="SharedBuffers">In PostgreSQL's notation.</param>
internal sealed record PostgresTuning(bool Durable, string SharedBuffers);

/// <summary>The settings that every PostgreSQL of ours has, alone or one of several.</summary>
internal static class PostgresConfiguration
{
    public static string Common(PostgresTuning tuning, string certificate, string key) =>
        $"""
            ssl = on
            ssl_cert_file = {Quote(certificate)}
            ssl_key_file = {Quote(key)}
            ssl_min_protocol_version = 'TLSv1.3'
            password_encryption = 'scram-sha-256'

            # A commit that was answered is on disk. Never relaxed where money is.
            synchronous_commit = on
            fsync = {OnOff(tuning.Durable)}
            full_page_writes = {OnOff(tuning.Durable)}

            # Far apart checkpoints and compressed page images: half the log a transfer needs otherwise.
            wal_compression = lz4
            checkpoint_timeout = 30min
            max_wal_size = 8GB

            shared_buffers = {tuning.SharedBuffers}
            random_page_cost = 1.1
            effective_io_concurrency = 200

            # All statements are short and prepared; compiling them costs more than it saves.
            jit = off

            # Balances find room on their own page (HOT) without vacuum. Once a minute is enough for the rest: at 15,000 transfers a second
            # and a million accounts, every ten seconds cost 3 µs a transfer, half of it for statistics that no plan of ours needs fresh.
            autovacuum_naptime = 60s
            autovacuum_vacuum_cost_delay = 1ms
            autovacuum_vacuum_cost_limit = 1000

            shared_preload_libraries = 'pg_stat_statements'
            track_io_timing = on

            # Standard error is the log file. Values of parameters stay out of it: they are names, numbers and money.
            log_line_prefix = '%m [%p] %q%u@%d '
            log_min_duration_statement = 1s
            log_parameter_max_length = 0
            log_parameter_max_length_on_error = 0
            log_lock_waits = on
            log_timezone = 'UTC'
            timezone = 'UTC'
            """;

    /// <summary>A text as the configuration file spells it.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string OnOff(bool value) => value ? "on" : "off";
}
