using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.Telemetry;

namespace QuickPay.Ledger;

/// <summary>
/// The heart: turns many requests into few commits.
/// <code>
///   PostAsync ──> bounded queue ──> lane 1 ──┐   each lane, over and over:
///       │ full: Overloaded at once  lane 2 ──┤     takes all that waits, up to a maximum (no timer)
///       ▼                           …        │     round trip 1   keys, locks, clock
///   awaits its answer                        │     decides in memory
///       ▲                                    │     round trip 2   writes, COMMIT
///       └──────── after COMMIT only ─────────┘     unknown outcome: runs it again, same keys
/// </code>
/// An idle system answers at the speed of one commit; a busy one groups by itself, and hot accounts get cheaper with load,
/// because a batch updates each row once. See docs/concepts/posting.md.
/// </summary>
public sealed class PostingEngine : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan ReapEvery = TimeSpan.FromMilliseconds(250);

    private readonly PostingOptions _options;
    private readonly TimeProvider _time;
    private readonly PostingQueue _queue;
    private readonly PostingLane[] _lanes;
    private readonly PeriodicTimer _reaper;
    private Task _running = Task.CompletedTask;
    private Task _reaping = Task.CompletedTask;
    private int _disposed;

    /// <param name="dataSource">A pool of its own with <see cref="ConnectionsNeeded"/> connections.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="limits">What members may send.</param>
    /// <param name="time">Our clock.</param>
    /// <param name="logger">Hears what went wrong.</param>
    /// <param name="listener">Hears of every commit.</param>
    public PostingEngine(
        NpgsqlDataSource dataSource,
        IOptions<PostingOptions> options,
        IOptions<TransferLimits> limits,
        TimeProvider time,
        ILogger<PostingEngine> logger,
        ICommitListener? listener = null
    )
    {
        _options = options.Value;
        _time = time;
        _queue = new PostingQueue(_options.QueueMax);
        // Ended by disposing of it, which may be done twice and by two at once: a host is stopped by one and disposed of by another.
        _reaper = new PeriodicTimer(ReapEvery, time);
        _lanes = new PostingLane[_options.Lanes];
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new PostingLane(_queue, dataSource, _options, limits.Value, time, logger, listener);
        }
    }

    /// <summary>A lane has one connection, and leaves at most so many others to finish a commit that takes too long.</summary>
    public static int ConnectionsNeeded(PostingOptions options) => options.Lanes * (1 + options.AbandonedMax);

    /// <summary>
    /// Posts once per key and answers after the commit, or says why not. There is no cancellation: a client that goes away does
    /// not stop a commit, and the deadline answers in any case.
    /// </summary>
    public Task<PostingOutcome> PostAsync(PostingRequest request)
    {
        var posting = new Posting(request, _time.GetTimestamp() + _options.DeadlineMs * (_time.TimestampFrequency / 1000));
        if (!_queue.TryAdd(posting))
        {
            LedgerMetrics.Overloaded.Add(1);
            posting.Answer(PostingOutcome.Overloaded);
        }
        return posting.Answered;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(_lanes.Select(lane => Task.Run(lane.RunAsync, CancellationToken.None)));
        _reaping = ReapAsync();
        return Task.CompletedTask;
    }

    /// <summary>Takes no new requests and finishes those that wait.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Close();
        await _running.WaitAsync(cancellationToken);
        _reaper.Dispose();
        await _reaping;
    }

    /// <summary>Once, however often it is called: the container knows the engine as itself and as a hosted service.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        _queue.Close();
        _reaper.Dispose();
        foreach (var lane in _lanes)
        {
            await lane.DisposeAsync();
        }
    }

    /// <summary>Sees to it that everybody is answered by their deadline, even when every lane is stuck in a commit; until its timer is disposed of.</summary>
    private async Task ReapAsync()
    {
        while (await _reaper.WaitForNextTickAsync())
        {
            var now = _time.GetTimestamp();
            _queue.ExpireWaiting(now);
            foreach (var lane in _lanes)
            {
                lane.ExpireInFlight(now);
            }
        }
    }
}
