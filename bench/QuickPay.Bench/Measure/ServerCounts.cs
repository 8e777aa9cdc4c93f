using System.Text.Json;
using Npgsql;

namespace QuickPay.Bench.Measure;

/// <summary>What the servers themselves count, up to one moment.</summary>
/// <param name="Statements">Statements that PostgreSQL has run for our hosts; neither the benchmark's own questions nor resets of connections are among them.</param>
/// <param name="CacheReads">How reads through a cache ended, by kind and result; empty where there is no cache.</param>
internal sealed record ServerCounts(long Statements, IReadOnlyDictionary<(string Kind, string Result), long> CacheReads)
{
    private const string CacheCounter = "quickpay.cache.reads";

    /// <summary>Of the reads between an earlier moment and this one, the share that the cache answered, by kind. Kinds without reads are absent.</summary>
    public IReadOnlyDictionary<string, double> HitRatesSince(ServerCounts earlier)
    {
        long Since(string kind, string result) =>
            CacheReads.GetValueOrDefault((kind, result)) - earlier.CacheReads.GetValueOrDefault((kind, result));
        return CacheReads
            .Keys.Select(read => read.Kind)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Select(kind => (Kind: kind, Hits: Since(kind, "hit"), Misses: Since(kind, "miss")))
            .Where(read => read.Hits + read.Misses > 0)
            .ToDictionary(read => read.Kind, read => (double)read.Hits / (read.Hits + read.Misses));
    }

    /// <summary>Reads a counter page. Counters that are not of a cache, or that miss a tag, say nothing here.</summary>
    public static IReadOnlyDictionary<(string Kind, string Result), long> CacheReadsOf(string counterPage)
    {
        Dictionary<(string, string), long> reads = [];
        using var page = JsonDocument.Parse(counterPage);
        foreach (var counter in page.RootElement.EnumerateArray())
        {
            if (
                counter.GetProperty("name").GetString() == CacheCounter
                && counter.TryGetProperty("tags", out var tags)
                && tags.TryGetProperty("kind", out var kind)
                && tags.TryGetProperty("result", out var result)
            )
            {
                var read = (kind.GetString()!, result.GetString()!);
                reads[read] = reads.GetValueOrDefault(read) + counter.GetProperty("value").GetInt64();
            }
        }

        return reads;
    }
}

/// <summary>Asks the servers what they have counted.</summary>
/// <param name="postgres">The superuser's way to the database `postgres`, where pg_stat_statements is.</param>
/// <param name="apis">The API servers; their counts are added up.</param>
internal sealed class ServerCounter(NpgsqlDataSource postgres, IReadOnlyList<Uri> apis, HttpClient http)
{
    // BEGIN and COMMIT count as what they are: a round trip and work. What the driver sends along to wipe a pooled connection clean (seven
    // statements before the first of each lease) does not: nobody asked for it, and it would make reads look eight times as heavy.
    private const string StatementsSql = """
        SELECT coalesce(sum(s.calls), 0)::bigint FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
        WHERE r.rolname IN ('qp_api', 'qp_worker')
          AND s.query !~ '^(DISCARD |RESET ALL|CLOSE ALL|UNLISTEN |SET SESSION AUTHORIZATION DEFAULT|SELECT pg_advisory_unlock_all)'
        """;

    public async Task<ServerCounts> ReadAsync(CancellationToken cancellationToken)
    {
        Dictionary<(string, string), long> reads = [];
        foreach (var api in apis)
        {
            foreach (
                var (read, count) in ServerCounts.CacheReadsOf(await http.GetStringAsync(new Uri(api, "/counters"), cancellationToken))
            )
            {
                reads[read] = reads.GetValueOrDefault(read) + count;
            }
        }

        await using var command = postgres.CreateCommand(StatementsSql);
        return new ServerCounts((long)(await command.ExecuteScalarAsync(cancellationToken))!, reads);
    }
}
