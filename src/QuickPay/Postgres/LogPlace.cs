namespace QuickPay.Postgres;

/// <summary>What a statement says of the server that it runs on, primary or standby.</summary>
internal static class LogPlace
{
    /// <summary>Where its log stands, at or past all that the statement sees: pg_lsn.</summary>
    public const string Lsn = "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END";

    /// <summary>Which timeline it writes: bigint; null on a standby, which cannot tell.</summary>
    public const string Timeline =
        "CASE WHEN NOT pg_is_in_recovery() THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END";

    /// <summary>Of when it is: a standby says up to when it has replayed. While nothing happens, that time stands still.</summary>
    public const string AsOf =
        "CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_xact_replay_timestamp(), 'epoch') ELSE clock_timestamp() END";
}
