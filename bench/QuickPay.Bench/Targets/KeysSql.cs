using QuickPay.Ledger;
using static System.FormattableString;

namespace QuickPay.Bench.Targets;

/// <summary>Fills the table of idempotency keys as a month of transfers would have: random digests, outcome ids that rise with time.</summary>
internal static class KeysSql
{
    /// <summary>The age of the oldest key that is made: a day more than any has to be kept.</summary>
    public static readonly TimeSpan Span = KeyExpiry.RetentionMin + TimeSpan.FromDays(1);

    /// <summary>Without its index: building that once is far quicker than growing it key by key, and ends as a well-kept one.</summary>
    public const string DropIndex = "ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey";

    public const string BuildIndex = """
        SET maintenance_work_mem = '1GB';
        SET max_parallel_maintenance_workers = 2;
        ALTER TABLE idempotency_keys ADD PRIMARY KEY (key_digest)
        """;

    /// <summary>One at a time: neither may stand in a transaction.</summary>
    public static readonly IReadOnlyList<string> Settle = ["VACUUM (ANALYZE) idempotency_keys", "CHECKPOINT"];

    public const string Sizes = """
        SELECT (SELECT count(*) FROM idempotency_keys), pg_relation_size('idempotency_keys'), pg_relation_size('idempotency_keys_pkey')
        """;

    /// <summary>The keys of one part of the span.</summary>
    public static string Insert(long first, long count, long all, DateTimeOffset now)
    {
        var start = (now - Span).ToUnixTimeMilliseconds();
        var step = Span.TotalMilliseconds / all;
        return Invariant(
            $"""
            INSERT INTO idempotency_keys (key_digest, request_digest, outcome_id)
            SELECT hash::uuid, hash::uuid,
                   (lpad(to_hex(({start} + i * {step:0.##########})::bigint), 12, '0')
                    || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid
            FROM (SELECT i, md5('bench' || i::text) AS hash FROM generate_series({first}::bigint, {first + count - 1}) AS i) AS made
            """
        );
    }
}
