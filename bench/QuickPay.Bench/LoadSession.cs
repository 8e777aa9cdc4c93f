using Npgsql;
using QuickPay.Bench.Load;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Proof;
using QuickPay.Bench.Report;
using QuickPay.Bench.Targets;
using static System.FormattableString;

namespace QuickPay.Bench;

/// <summary>
/// A target with its load members and accounts, on which runs are made one after another. Each run has keys of its own, so the same
/// session may be measured as often as wanted.
/// </summary>
internal sealed class LoadSession : IAsyncDisposable
{
    private const int TuneSeconds = 3;
    private const int TuneWarmupSeconds = 1;

    private readonly ILoadTarget _target;
    private readonly HttpClient _http;
    private readonly LoadMembers _members;
    private readonly BenchConsole _console;
    private readonly TimeProvider _clock;
    private readonly ulong _seed;
    private readonly Dictionary<AccountSet, ClientMemory> _memories = [];
    private ulong _runs;

    private LoadSession(
        ILoadTarget target,
        HttpClient http,
        LoadMembers members,
        NpgsqlDataSource database,
        ulong seed,
        BenchConsole console,
        TimeProvider clock,
        ServerCounter? counter
    )
    {
        (_target, _http, _members, Database, _seed, _console, _clock) = (target, http, members, database, seed, console, clock);
        Meter = new Meter(target.Roles, database, clock, counter);
    }

    public NpgsqlDataSource Database { get; }

    public Meter Meter { get; }

    public IReadOnlyList<Guid> Owners => _members.Ids;

    public LoadMembers Members => _members;

    /// <summary>Signs the load members up and in.</summary>
    /// <param name="counter">What the meter reads besides.</param>
    public static async Task<LoadSession> OpenAsync(
        ILoadTarget target,
        LoadOptions options,
        BenchConsole console,
        TimeProvider clock,
        CancellationToken cancellationToken,
        ServerCounter? counter = null
    )
    {
        console.Step($"{target.Name}: {options.Members} load members join");
        var http = new HttpClient { BaseAddress = target.Url, Timeout = TimeSpan.FromSeconds(30) };
        var members = await LoadMembers.JoinAsync(http, options.Members, options.Seed, clock, cancellationToken);
        var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(target.SuperuserConnectionString) { Pooling = true }.ConnectionString
        );
        return new LoadSession(target, http, members, database, options.Seed, console, clock, counter);
    }

    /// <summary>Makes a set of accounts by SQL.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="set">Tells several sets of the same size apart.</param>
    public async Task<AccountSet> OpenAccountsAsync(long count, CancellationToken cancellationToken, ulong set = 0)
    {
        _console.Step(Invariant($"{_target.Name}: {count:N0} accounts are opened"));
        var seed = LoadRandom.Mix(_seed + (ulong)count) + set;
        var accounts = AccountSet.Create(_clock.GetUtcNow(), seed, count, _members.Ids.Count);
        await ExecuteAsync(_target.OpenAccountsSql(accounts, _members.Ids), cancellationToken);
        return accounts;
    }

    /// <summary>Runs statements one after the other, however long they take.</summary>
    public async Task ExecuteAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        foreach (var sql in statements)
        {
            await using var command = Database.CreateCommand(sql);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Tries the target's connection counts briefly; the best in committed transfers a second wins.</summary>
    public async Task<int> BestConnectionsAsync(AccountSet accounts, LoadOptions options, CancellationToken cancellationToken) =>
        (await BestConnectionsAndTpsAsync(accounts, options, cancellationToken)).Connections;

    /// <summary>The same, with the throughput of that brief try.</summary>
    public async Task<(int Connections, double Tps)> BestConnectionsAndTpsAsync(
        AccountSet accounts,
        LoadOptions options,
        CancellationToken cancellationToken
    )
    {
        var (best, bestTps) = (0, -1.0);
        var brief = options with { Rate = null, Seconds = TuneSeconds, WarmupSeconds = TuneWarmupSeconds };
        foreach (var connections in _target.ConnectionCandidates)
        {
            var (_, result) = await GenerateAsync(accounts, brief with { Connections = connections }, null, cancellationToken);
            _console.Step(Invariant($"{_target.Name}: {connections} connections give {result.Tps:N0} transfers/s"));
            if (result.Tps > bestTps)
            {
                (best, bestTps) = (connections, result.Tps);
            }
        }

        return (best, bestTps);
    }

    /// <summary>Load without a verdict, so that what follows meets compiled code and warm caches.</summary>
    public Task WarmUpAsync(AccountSet accounts, LoadOptions options, CancellationToken cancellationToken, LoadWay? way = null) =>
        GenerateAsync(
            accounts,
            options with
            {
                Rate = null,
                Seconds = 1,
                Connections = _target.ConnectionCandidates[1],
            },
            null,
            cancellationToken,
            way
        );

    /// <summary>One measured run and its proof.</summary>
    /// <param name="way">Another way to the target than the direct one.</param>
    public async Task<TransfersReport> RunAsync(
        AccountSet accounts,
        LoadOptions options,
        Action<LoadInterval>? onSecond,
        CancellationToken cancellationToken,
        LoadWay? way = null
    )
    {
        var memory = (0L, 0L);
        var (result, checks) = await LoadAsync(accounts, options, way, onSecond, () => memory = Meter.Memory("api"), cancellationToken);
        return TransfersReport.Of(_target, options, accounts.Count, result, memory, checks, _clock);
    }

    /// <summary>One run of any mix and the proof of what it posted; of a mix that posts nothing there is nothing to prove.</summary>
    public Task<(LoadResult Result, IReadOnlyList<ProofCheck> Checks)> LoadAsync(
        AccountSet accounts,
        LoadOptions options,
        LoadWay way,
        CancellationToken cancellationToken
    ) => LoadAsync(accounts, options, way, null, () => { }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Database.DisposeAsync();
    }

    private async Task<(LoadResult Result, IReadOnlyList<ProofCheck> Checks)> LoadAsync(
        AccountSet accounts,
        LoadOptions options,
        LoadWay? way,
        Action<LoadInterval>? onSecond,
        Action onLoadEnd,
        CancellationToken cancellationToken
    )
    {
        if (!options.Mix.HasTransfers)
        {
            var (_, readOnly) = await GenerateAsync(accounts, options, onSecond, cancellationToken, way);
            onLoadEnd();
            return (readOnly, []);
        }

        var proof = new ProofOfBooks(Database, _target.Books);
        var before = await proof.CountTransfersAsync(cancellationToken);
        var (runSeed, result) = await GenerateAsync(accounts, options, onSecond, cancellationToken, way);
        onLoadEnd();
        _console.Step($"{_target.Name}: checking the books");
        return (result, await proof.CheckAsync(before, result, _members, accounts, runSeed, cancellationToken));
    }

    private async Task<(ulong RunSeed, LoadResult Result)> GenerateAsync(
        AccountSet accounts,
        LoadOptions options,
        Action<LoadInterval>? onSecond,
        CancellationToken cancellationToken,
        LoadWay? otherWay = null
    )
    {
        var way = otherWay ?? new LoadWay("direct", _target.Endpoint(), _target.Url.Authority);
        var runSeed = LoadRandom.Mix(_seed + ++_runs);
        var writer = new RequestWriter(accounts, runSeed, way.Host, _members.Tokens);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var freshTokens = _members.KeepFreshAsync(writer, done.Token);
        var plan = new LoadPlan
        {
            Way = way,
            Writer = writer,
            Accounts = accounts,
            Mix = options.Mix,
            Memory = options.Mix.HasReads ? MemoryOf(accounts) : null,
            Connections = options.Connections ?? 256,
            Rate = options.Rate,
            Arrivals = options.Arrivals,
            Skew = options.Skew,
            Seed = runSeed,
            WarmupSeconds = options.WarmupSeconds,
            MeasuredSeconds = options.Seconds,
            // One loop writes over 80,000 requests a second; more than a core for the generator only helps where there are many.
            LoopCount = Math.Max(1, Environment.ProcessorCount / 8),
        };
        var result = await LoadRun.RunAsync(plan, Meter, _clock, second => OnSecond(second, plan, onSecond), cancellationToken);
        await done.CancelAsync();
        await freshTokens.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (freshTokens.IsFaulted)
        {
            throw freshTokens.Exception.InnerException!;
        }

        return (runSeed, result);
    }

    /// <summary>Clients remember from run to run what they have seen.</summary>
    private ClientMemory MemoryOf(AccountSet accounts)
    {
        if (!_memories.TryGetValue(accounts, out var memory))
        {
            _memories.Add(accounts, memory = new ClientMemory(accounts));
        }

        return memory;
    }

    private void OnSecond(LoadInterval second, LoadPlan plan, Action<LoadInterval>? also)
    {
        also?.Invoke(second);
        _console.Progress(
            plan.Mix.HasReads ? $"{plan.Mix.Name}, caches {plan.Way.Name}:" : _target.Name,
            second,
            plan.WarmupSeconds,
            plan.MeasuredSeconds
        );
    }
}
