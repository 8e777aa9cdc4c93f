using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>
/// The statements of a batch. Keys before balances, each in one order for every session of every server: that is what keeps
/// concurrent batches from deadlocking. Values travel as arrays; nothing is composed.
/// </summary>
internal static class LedgerSql
{
    /// <summary>
    /// The level is said, not assumed: the protocol needs each statement to see what committed while the one before it waited.
    /// </summary>
    public const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    /// <summary>For the halves of a batch that has waited its full time already.</summary>
    public const string WaitBriefly = "SET LOCAL lock_timeout = '100ms'";

    /// <summary>In key order: without it, two batches with common keys insert them crosswise and deadlock.</summary>
    public const string InsertKeys = """
        INSERT INTO idempotency_keys (key_digest, request_digest, outcome_id)
        SELECT k, r, o FROM unnest($1, $2, $3) AS keys(k, r, o) ORDER BY k
        ON CONFLICT (key_digest) DO NOTHING
        """;

    /// <summary>
    /// One row a key with its outcome. A statement of its own, after the insert: only a new snapshot sees what another
    /// transaction committed while the insert waited for it.
    /// </summary>
    public static readonly string ReadKeys = $"""
        SELECT k.key_digest, k.request_digest, k.outcome_id,
               r.code, r.limit_kind, r.remaining,
               {TransferReader.ColumnsOf("t")}
        FROM idempotency_keys k
        LEFT JOIN refusals r ON r.id = k.outcome_id
        LEFT JOIN transfers t ON t.id = k.outcome_id
        WHERE k.key_digest = ANY($1)
        """;

    /// <summary>In id order. Everything that a decision reads is in the locked row itself.</summary>
    public const string LockBalances = """
        SELECT ctid, account_id, owner_id, balance, held, version, floor, day_sent, day, tier, status, currency
        FROM balances WHERE account_id = ANY($1) ORDER BY account_id FOR UPDATE
        """;

    /// <summary>After the balances: whoever closes a hold has locked its debit account first.</summary>
    public const string ReadHolds = """
        SELECT transfer_id, debit_account, credit_account, amount, day, expires_at
        FROM holds WHERE transfer_id = ANY($1) ORDER BY transfer_id FOR UPDATE
        """;

    public const string ReadClock = "SELECT clock_timestamp(), nextval('ledger_batch_ids')";

    /// <summary>Straight to the locked row versions; a row that is not there any more fails the batch before its COMMIT.</summary>
    public const string UpdateBalances = """
        WITH changed AS (
            UPDATE balances b SET balance = u.balance, held = u.held, version = u.version, day = u.day, day_sent = u.day_sent
            FROM unnest($1::tid[], $2, $3, $4, $5, $6, $7) AS u(row_address, account_id, balance, held, version, day, day_sent)
            WHERE b.ctid = u.row_address AND b.account_id = u.account_id
            RETURNING 1
        )
        SELECT assert_rows(count(*), $8) FROM changed
        """;

    public const string InsertTransfers = """
        INSERT INTO transfers (id, debit_account, credit_account, link, amount, debit_balance, debit_held, debit_version,
                               credit_balance, credit_held, credit_version, batch_id, created_at, expires_at, kind, currency, memo)
        SELECT id, debit, credit, nullif(link, '00000000-0000-0000-0000-000000000000'), amount, db, dh, dv, cb, ch, cv, $15, $16, expires,
               kind, currency, memo
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $17)
             AS t(id, debit, credit, link, amount, db, dh, dv, cb, ch, cv, kind, currency, memo, expires)
        """;

    public const string OpenHolds = """
        INSERT INTO holds (transfer_id, debit_account, credit_account, amount, day, expires_at)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        """;

    public const string CloseHolds = """
        WITH closed AS (DELETE FROM holds WHERE transfer_id = ANY($1) RETURNING 1)
        SELECT assert_rows(count(*), $2) FROM closed
        """;

    public const string InsertRefusals = """
        INSERT INTO refusals (id, code, limit_kind, remaining, created_at)
        SELECT id, code, limit_kind, remaining, $5 FROM unnest($1, $2, $3, $4) AS r(id, code, limit_kind, remaining)
        """;

    public const string InsertBatch = """
        INSERT INTO ledger_batches (id, xid, transfers, digest, created_at) VALUES ($1, pg_current_xact_id(), $2, $3, $4)
        """;

    /// <summary>
    /// A record in the log and nothing else: the COMMIT after it waits for the standby, which then has everything before it too.
    /// Without it a transaction that only read would not wait, and would vouch for what the standby may lack.
    /// </summary>
    public const string Barrier = "SELECT pg_logical_emit_message(true, 'quickpay.barrier', '')";

    /// <summary>Which of some accounts others have locked at this moment. On its own: its locks end with it.</summary>
    public const string FindLocked = """
        WITH free AS MATERIALIZED (SELECT account_id FROM balances WHERE account_id = ANY($1) FOR UPDATE SKIP LOCKED)
        SELECT account_id FROM balances WHERE account_id = ANY($1) EXCEPT SELECT account_id FROM free
        """;

    /// <summary>In one pipeline, and so one transaction, with <see cref="LockOne"/>: fails if the account stays locked.</summary>
    public const string WaitBrieflyForOne = "SELECT set_config('lock_timeout', '100ms', true)";
    public const string LockOne = "SELECT 1 FROM balances WHERE account_id = $1 FOR UPDATE";

    /// <summary>
    /// Ends lanes of other servers that stopped in the middle of a pipeline, with their locks. Between round trips the server does that itself
    /// (idle_in_transaction_session_timeout), but a session whose Sync has not come yet is not idle to it, however long nothing comes.
    /// </summary>
    public const string EndStalledLanes = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND application_name = current_setting('application_name')
          AND state = 'active' AND wait_event = 'ClientRead' AND state_change < clock_timestamp() - interval '2 s'
        """;

    /// <summary>After COMMIT: at or past the commit's own position.</summary>
    public const string ReadLsn = "SELECT pg_current_wal_lsn()";

    public const string OpenSession = """
        SELECT pg_is_in_recovery(), current_setting('synchronous_commit'), clock_timestamp(),
               CASE WHEN pg_is_in_recovery() THEN 0
                    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END
        """;
}
