using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;
using QuickPay.Worker;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>
/// A worker in this process: it stands for the lead, and follows it with jobs. It notes its terms, as a job hears of them.
/// <code>
/// await using var one = WorkerUnderTest.On(_database);
/// await one.StartAsync();
/// </code>
/// </summary>
internal sealed class WorkerUnderTest : IAsyncDisposable
{
    private readonly List<IHostedService> _started = [];
    private readonly ConcurrentQueue<(long From, long To)> _terms = [];
    private readonly CancellationTokenSource _leaving = new();
    private Task _watching = Task.CompletedTask;

    private WorkerUnderTest(NpgsqlDataSource dataSource, long lockId)
    {
        Leadership = new Leadership(dataSource, lockId, TimeProvider.System, new TestLog<Leadership>(TestContext.Current.TestOutputHelper));
        Turns = new CountedTurns(Leadership);
    }

    public Leadership Leadership { get; }

    /// <summary>A job that does nothing but be there.</summary>
    public CountedTurns Turns { get; }

    public bool Leads => Leadership.Standing.Leader;

    /// <param name="database">Its primary.</param>
    /// <param name="through">A proxy that it reaches it through.</param>
    /// <param name="lockId">Another one than the others': it leads beside them.</param>
    public static WorkerUnderTest On(TestDatabase database, PgProxy? through = null, long lockId = Leadership.Lock)
    {
        var options = new PostgresOptions
        {
            Hosts = through?.Address ?? database.Worker.Hosts,
            Database = database.Worker.Database,
            Username = database.Worker.Username,
            Password = database.Worker.Password,
            RootCertificate = database.Worker.RootCertificate,
        };
        var dataSource = DataSources.ForLeading(options, Leadership.SilenceMax);
        if (through is not null)
        {
            var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString) { Password = options.Password };
            PgProxy.AllowMiddleman(settings);
            dataSource.Dispose();
            dataSource = NpgsqlDataSource.Create(settings);
        }
        return new WorkerUnderTest(dataSource, lockId);
    }

    public async Task StartAsync(params IEnumerable<IHostedService> jobs)
    {
        _watching = WatchAsync();
        foreach (var service in (IHostedService[])[Leadership, Turns, .. jobs])
        {
            await service.StartAsync(CancellationToken.None);
            _started.Add(service);
        }
    }

    public async Task StopAsync()
    {
        foreach (var service in Enumerable.Reverse(_started))
        {
            await service.StopAsync(CancellationToken.None);
        }
        _started.Clear();
        await _leaving.CancelAsync();
        await _watching;
    }

    /// <summary>The longest time for which both believed that they lead. Both have stopped.</summary>
    public static TimeSpan LongestOverlap(WorkerUnderTest one, WorkerUnderTest other) =>
        (
            from a in one._terms
            from b in other._terms
            select TimeProvider.System.GetElapsedTime(Math.Max(a.From, b.From), Math.Min(a.To, b.To))
        )
            .Append(TimeSpan.Zero)
            .Max();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Turns.Dispose();
        Leadership.Dispose();
        _leaving.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                var term = await Leadership.TermAsync(_leaving.Token);
                var from = TimeProvider.System.GetTimestamp();
                var ended = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var registration = term.Register(() => ended.SetResult(TimeProvider.System.GetTimestamp()));
                _terms.Enqueue((from, await ended.Task.WaitAsync(_leaving.Token)));
            }
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // As it was told.
        }
    }

    /// <summary>A turn every 20 ms; or one that lasts until it is cancelled.</summary>
    internal sealed class CountedTurns(Leadership leadership)
        : Job(
            TimeSpan.FromMilliseconds(20),
            leadership,
            TimeProvider.System,
            new TestLog<CountedTurns>(TestContext.Current.TestOutputHelper)
        )
    {
        private int _count;
        private volatile bool _isRunning;

        public int Count => Volatile.Read(ref _count);

        public bool AreEndless { get; set; }

        public bool IsRunning => _isRunning;

        protected override async Task RunOnceAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            if (!AreEndless)
            {
                return;
            }
            _isRunning = true;
            try
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }
            finally
            {
                _isRunning = false;
            }
        }
    }
}
