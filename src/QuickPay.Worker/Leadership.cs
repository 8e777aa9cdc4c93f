using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Worker;

/// <summary>Whether a worker leads, and since when it does or does not.</summary>
public sealed record Standing(bool Leader, DateTimeOffset Since);

/// <summary>
/// Which of the workers leads, and so runs the jobs: the one whose session at the primary has an advisory lock.
/// <code>
/// stand by: "may I have the lock?" every second ── yes ──> lead: "are you still there, and the primary?" every second
///     ^                                                        │ no, an error, or no answer within 1.5 s
///     └──── the term's token is cancelled: turns stop ─────────┘
/// </code>
/// 1. A leader that can no longer ask the primary gives up by itself, 2.5 s after its last good question at the latest.
/// 2. The server takes the lock from a leader that is silent: its session ends after 4 s without a question, be the leader cut off or frozen
///    (a frozen one's kernel goes on answering keep-alives). More than 2.5 s: one that is cut off has given up when another begins.
/// 3. A lock that the server lets go of at once (a session ended by hand, a primary that stops) may have a new owner before the old one
///    asks again, and a frozen leader that wakes does not know yet what it missed. For that moment there are two leaders, and that must
///    harm nothing: keys and <see cref="JobTurn"/> see to it. Leadership saves work and noise; it protects no money.
/// </summary>
/// <param name="dataSource">Opens connections without a pool; see <see cref="DataSources.ForLeading"/>. Disposed with this.</param>
/// <param name="lockId">Whoever has this lock leads.</param>
internal sealed class Leadership(NpgsqlDataSource dataSource, long lockId, TimeProvider time, ILogger<Leadership> logger)
    : BackgroundService
{
    public const long Lock = 7205759403792804;

    /// <summary>Between two questions; so long may there be two leaders.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    /// <summary>A question not answered within this time ends the lead.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1.5);

    /// <summary>The server ends the session of a worker that has asked nothing for so long.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(4);

    // Only a primary's locks count: a standby has its own.
    private const string TakeSql = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_try_advisory_lock($1) END";
    private const string IsPrimarySql = "SELECT NOT pg_is_in_recovery()";

    private volatile Standing _standing = new(false, time.GetUtcNow());
    private volatile TaskCompletionSource<CancellationToken> _term = NewTerm();

    public Standing Standing => _standing;

    /// <summary>Returns when this worker leads.</summary>
    /// <returns>Cancelled when it does not lead any more.</returns>
    public Task<CancellationToken> TermAsync(CancellationToken cancellationToken) => _term.Task.WaitAsync(cancellationToken);

    public override void Dispose()
    {
        dataSource.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        WorkerMetrics.Leads(false);
        using var timer = new PeriodicTimer(AskEvery, time);
        try
        {
            do
            {
                try
                {
                    await StandAsync(timer, stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    // Whatever it is: a worker that stood for good would stop the host, and could not lead when the others are gone.
                    WorkerLog.CannotStand(logger, e.Message);
                }
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>Stands by and then leads, on one connection and for as long as that lasts.</summary>
    private async Task StandAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        await using var session = new LeaderSession(await dataSource.OpenConnectionAsync(cancellationToken), AnswerWithin, time);
        bool? taken;
        while ((taken = await session.AskAsync(TakeSql, lockId, cancellationToken)) == false)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
        if (taken is null)
        {
            // Not the primary: the next connection may find it.
            return;
        }
        using var term = new CancellationTokenSource();
        Begin(term.Token);
        try
        {
            do
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            } while (await session.AskAsync(IsPrimarySql, null, cancellationToken) == true);
        }
        finally
        {
            await EndAsync(term);
        }
    }

    private void Begin(CancellationToken term)
    {
        _standing = new Standing(true, time.GetUtcNow());
        WorkerMetrics.Leads(true);
        WorkerLog.Leads(logger);
        _term.SetResult(term);
    }

    private async Task EndAsync(CancellationTokenSource term)
    {
        _standing = new Standing(false, time.GetUtcNow());
        WorkerMetrics.Leads(false);
        WorkerLog.StandsBy(logger);
        // First: whoever hears that this term is over waits for the next.
        _term = NewTerm();
        await term.CancelAsync();
    }

    private static TaskCompletionSource<CancellationToken> NewTerm() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Registers the leadership, and shows it to operators.</summary>
internal static class LeadershipRegistration
{
    /// <summary>To be called before those who follow the lead: the host stops them in reverse, and the lock goes last.</summary>
    public static IServiceCollection AddLeadership(this IServiceCollection services) =>
        services
            .AddSingleton(provider => new Leadership(
                DataSources.ForLeading(provider.GetRequiredService<IOptions<PostgresOptions>>().Value, Leadership.SilenceMax),
                Leadership.Lock,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<Leadership>>()
            ))
            .AddHostedService(provider => provider.GetRequiredService<Leadership>());

    /// <summary><c>GET /leader</c>: <c>{"leader": true, "since": "2026-11-23T08:00:00Z"}</c>.</summary>
    public static void MapLeader(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/leader", (Leadership leadership) => TypedResults.Ok(leadership.Standing));
}
