namespace QuickPay.Aws.Data;

/// <summary>PostgreSQL's settings, as far as RDS lets us: those of <c>./quickpay up</c>, and an audit of every
/// statement.</summary>
internal static class DatabaseParameters
{
    /// <summary>Loaded by the server; the function that sets up the database makes them there.</summary>
    public const string Extensions = "pg_stat_statements,pgaudit";

    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["rds.force_ssl"] = "1",
        ["ssl_min_protocol_version"] = "TLSv1.2",
        ["password_encryption"] = "scram-sha-256",
        ["rds.accepted_password_auth_method"] = "scram",
        ["shared_preload_libraries"] = Extensions,
        // Whose statements they are is in pgaudit's lines; what was in them is not.
        ["pgaudit.log"] = "read,write,function,role,ddl",
        ["pgaudit.log_parameter"] = "0",
        ["log_parameter_max_length"] = "0",
        ["log_parameter_max_length_on_error"] = "0",
        ["log_min_duration_statement"] = "1000",
        ["log_lock_waits"] = "1",
        ["synchronous_commit"] = "on",
        ["wal_compression"] = "lz4",
        ["checkpoint_timeout"] = "1800",
        // MB.
        ["max_wal_size"] = "8192",
        ["jit"] = "0",
        ["random_page_cost"] = "1.1",
        ["autovacuum_naptime"] = "60",
        ["autovacuum_vacuum_cost_delay"] = "1",
        ["autovacuum_vacuum_cost_limit"] = "1000",
        ["track_io_timing"] = "1",
    };

    /// <summary>A replica does not cancel what is read from it sooner than statements there end.</summary>
    public static readonly IReadOnlyDictionary<string, string> OfReplicas = new Dictionary<string, string>(All)
    {
        // Milliseconds.
        ["max_standby_streaming_delay"] = "60000",
        ["hot_standby_feedback"] = "0",
    };
}
