using System.Threading.Channels;
using HdrHistogram;
using Npgsql;
using QuickPay.Bench.Load;
using QuickPay.Bench.Report;

namespace QuickPay.Bench.Measure;

/// <summary>Gathers the measured seconds of a long run into minutes and adds what memory and tables are at the end of each.</summary>
internal sealed class MinuteSampler(Meter meter, NpgsqlDataSource database, int warmupSeconds, int measuredSeconds, BenchConsole console)
{
    private const int SecondsPerMinute = 60;

    private readonly Channel<(int Minute, LongHistogram Latency, long Committed)> _full = Channel.CreateUnbounded<(
        int,
        LongHistogram,
        long
    )>();
    private readonly List<MinuteReport> _minutes = [];
    private LongHistogram _latency = HistogramPool.Create();
    private long _committed;

    /// <summary>Takes a second of the run; the load's thread never waits for the queries.</summary>
    public void OnSecond(LoadInterval second)
    {
        var measured = second.Second - warmupSeconds;
        if (measured < 0 || measured >= measuredSeconds)
        {
            return;
        }

        _latency.Add(second.Latency);
        _committed += second.Committed;
        if ((measured + 1) % SecondsPerMinute == 0)
        {
            _full.Writer.TryWrite(((measured + 1) / SecondsPerMinute, _latency, _committed));
            (_latency, _committed) = (HistogramPool.Create(), 0);
        }
    }

    /// <summary>Samples until <see cref="Complete"/>.</summary>
    public async Task<IReadOnlyList<MinuteReport>> SampleAsync(CancellationToken cancellationToken)
    {
        await foreach (var (minute, latency, committed) in _full.Reader.ReadAllAsync(cancellationToken))
        {
            await using var command = database.CreateCommand(
                """
                SELECT pg_total_relation_size('balances'),
                       (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'balances'),
                       (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint FROM pg_partition_tree('transfers') WHERE isleaf)
                """
            );
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            var report = new MinuteReport(
                minute,
                committed / (double)SecondsPerMinute,
                LatencyReport.Of(latency),
                meter.Memory("api").Resident,
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetInt64(2)
            );
            _minutes.Add(report);
            console.Step($"minute {string.Join("  ", Verdict.Row(report))}");
        }

        return _minutes;
    }

    public void Complete() => _full.Writer.TryComplete();
}
