using System.Globalization;
using System.Text.Json;
using QuickPay.Cli.Local;
using QuickPay.Telemetry;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>What the API servers have counted of their commits, read from their pages of counters; a server begins anew with its process.</summary>
internal sealed class CommitCounts
{
    private readonly IReadOnlyDictionary<ProcessIdentity, (long Posted, long Unsynchronized)> _counts;
    private readonly IReadOnlyList<string> _silent;
    private readonly int _startedMeanwhile;

    private CommitCounts(
        IReadOnlyDictionary<ProcessIdentity, (long Posted, long Unsynchronized)> counts,
        IReadOnlyList<string> silent,
        int startedMeanwhile = 0
    ) => (_counts, _silent, _startedMeanwhile) = (counts, silent, startedMeanwhile);

    /// <summary>Whether every server answered and there was something to count; otherwise nothing is known.</summary>
    public bool AreComplete => _silent.Count == 0 && Posted > 0;

    /// <summary>Transfers.</summary>
    public long Posted => _counts.Values.Sum(count => count.Posted);

    /// <summary>Commits that returned before a node that may take over had them.</summary>
    public long Unsynchronized => _counts.Values.Sum(count => count.Unsynchronized);

    /// <summary>Asks each server.</summary>
    public static async Task<CommitCounts> ReadAsync(
        IEnumerable<HostServer> servers,
        string rootCertificate,
        CancellationToken cancellationToken
    )
    {
        var counts = new Dictionary<ProcessIdentity, (long, long)>();
        List<string> silent = [];
        foreach (var server in servers)
        {
            if (await HealthProbe.TryReadAsync($"{server.HealthUrl}/counters", rootCertificate, cancellationToken) is not { } page)
            {
                silent.Add(server.Name);
                continue;
            }
            var readings = JsonElement.Parse(page);
            counts[server.Process!.Identity] = (
                Sum(readings, LedgerMetrics.Posted.Name),
                Sum(readings, LedgerMetrics.UnsynchronizedCommits.Name)
            );
        }
        return new CommitCounts(counts, silent);
    }

    /// <summary>What was counted since then. What a server counted that has died meanwhile is lost with it.</summary>
    public CommitCounts Since(CommitCounts before) =>
        new(
            _counts.ToDictionary(
                count => count.Key,
                count =>
                    before._counts.TryGetValue(count.Key, out var then)
                        ? (count.Value.Posted - then.Posted, count.Value.Unsynchronized - then.Unsynchronized)
                        : count.Value
            ),
            [.. before._silent.Union(_silent)],
            _counts.Keys.Count(process => !before._counts.ContainsKey(process))
        );

    public override string ToString() =>
        _silent.Count > 0
            ? $"{string.Join(", ", _silent)} did not tell"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Unsynchronized:N0} counted beside {Posted:N0} transfers, by {_counts.Count} servers, {_startedMeanwhile} of them started meanwhile"
            );

    private static long Sum(JsonElement readings, string counter) =>
        readings
            .EnumerateArray()
            .Where(reading => reading.GetProperty("name").GetString() == counter)
            .Sum(reading => reading.GetProperty("value").GetInt64());
}
