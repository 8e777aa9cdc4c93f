using System.Net;
using Npgsql;
using QuickPay.Bench.Commands;
using QuickPay.Bench.Load;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Proof;
using QuickPay.Bench.Report;
using QuickPay.Bench.Targets;
using QuickPay.Cli.Local;
using static System.FormattableString;

namespace QuickPay.Bench.Reads;

/// <summary>
/// Two API servers on one PostgreSQL and Redis, the same but for <c>Cache:Enabled</c>, each with members and histories of its own that were
/// made alike. Only one is under load at a time; the other is idle.
/// </summary>
internal sealed class ReadsStage : IAsyncDisposable
{
    /// <summary>In open loops more than are ever busy.</summary>
    private const int OpenLoopConnections = 256;

    private readonly BenchRig _rig;
    private readonly LoadSession _session;
    private readonly NpgsqlDataSource _statements;
    private readonly HttpClient _http;
    private readonly ReadsOptions _options;
    private readonly TimeProvider _clock;
    private readonly List<ReadsRun> _runs = [];

    private ReadsStage(
        BenchRig rig,
        LoadSession session,
        NpgsqlDataSource statements,
        HttpClient http,
        (CacheSide Off, CacheSide On) sides,
        ReadsOptions options,
        TimeProvider clock
    )
    {
        (_rig, _session, _statements, _http, _options, _clock) = (rig, session, statements, http, options, clock);
        (Off, On) = sides;
    }

    public CacheSide Off { get; }

    public CacheSide On { get; }

    /// <summary>Every run so far with its proof, tries included.</summary>
    public IReadOnlyList<ReadsRun> Runs => _runs;

    public NpgsqlDataSource Database => _session.Database;

    public static async Task<ReadsStage> OpenAsync(
        ReadsOptions options,
        BenchConsole console,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var rig = await BenchRig.StartAsync(
            new RigOptions(null, null, options.Keep),
            console,
            clock,
            cancellationToken,
            change: stack =>
                stack with
                {
                    ApiServers = 2,
                    Port = StackPorts.Of(StackPorts.FreeHttps(apiServers: 2)).Api,
                    ApiEnvironment = server => new Dictionary<string, string> { ["Cache__Enabled"] = server == 0 ? "true" : "false" },
                }
        );
        var statements = NpgsqlDataSource.Create(rig.Stack!.Servers.Postgres.SuperuserConnectionString());
        var http = new HttpClient();
        LoadSession? session = null;
        try
        {
            var urls = rig.Stack.ApiUrls.Select(url => new Uri(url)).ToList();
            var load = new LoadOptions
            {
                Members = (int)Math.Min(ReadsOptions.Sessions, options.Members),
                Seed = options.Seed,
                Skew = options.Skew,
            };
            var counter = new ServerCounter(statements, urls, http);
            session = await LoadSession.OpenAsync(rig.Target, load, console, clock, cancellationToken, counter);
            var on = await SideAsync("on", urls[0], set: 0);
            var off = await SideAsync("off", urls[1], set: 1);
            return new ReadsStage(rig, session, statements, http, (off, on), options, clock);

            async Task<CacheSide> SideAsync(string name, Uri url, ulong set)
            {
                var accounts = await session.OpenAccountsAsync(options.Members, cancellationToken, set);
                console.Step(Invariant($"quickpay: they get a history (the side with caches {name})"));
                await session.ExecuteAsync(LedgerHistorySql.Statements(accounts), cancellationToken);
                return new CacheSide(name, new LoadWay(name, new IPEndPoint(IPAddress.Loopback, url.Port), url.Authority), accounts);
            }
        }
        catch
        {
            if (session is not null)
            {
                await session.DisposeAsync();
            }

            http.Dispose();
            await statements.DisposeAsync();
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>One run on one side, with its proof.</summary>
    /// <param name="side">Whose server and members.</param>
    /// <param name="mix">What is asked for.</param>
    /// <param name="rate">Requests a second (open loop); null: as many as it takes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="connections">Null: the options'.</param>
    /// <param name="seconds">Null: the options'.</param>
    public async Task<ReadsRun> RunAsync(
        CacheSide side,
        LoadMix mix,
        double? rate,
        CancellationToken cancellationToken,
        int? connections = null,
        int? seconds = null
    )
    {
        var load = new LoadOptions
        {
            Mix = mix,
            Rate = rate,
            Skew = _options.Skew,
            Seconds = seconds ?? _options.Seconds,
            WarmupSeconds = _options.WarmupSeconds,
            Connections = connections ?? _options.Connections ?? OpenLoopConnections,
            Seed = _options.Seed,
        };
        var (result, checks) = await _session.LoadAsync(side.Accounts, load, side.Way, cancellationToken);
        var run = ReadsRun.Of(side.Name, load, result, checks, _clock);
        _runs.Add(run);
        return run;
    }

    /// <summary>How the two servers were told to be different.</summary>
    /// <exception cref="BenchException">In something else than their caches and their ports.</exception>
    public string DescribeDifference()
    {
        var servers = _rig.Stack!.Hosts.Where(host => host.Role == "api").ToList();
        var settings = servers.Select(server => SideSettings.Of(_rig.Stack.Servers.Data, server)).ToList();
        return settings[0].File == settings[1].File
            ? $"caches on: {On.Way.Host} ({settings[0].Cache}), off: {Off.Way.Host} ({settings[1].Cache})"
            : throw new BenchException($"{servers[0].Name} and {servers[1].Name} have different settings files.");
    }

    /// <summary>What must hold when all is quiet again: the books from their beginning, and what each side's server shows of them.</summary>
    public async Task<IReadOnlyList<ProofCheck>> FinalChecksAsync(CancellationToken cancellationToken)
    {
        List<ProofCheck> checks = [await Books.CheckAsync(_session.Database, cancellationToken)];
        foreach (var side in (CacheSide[])[On, Off])
        {
            var sample = new ShownBalances(_session.Database, _http, _session.Members.Tokens, side);
            checks.AddRange(await sample.CheckAsync(_options.Seed, cancellationToken));
        }

        return checks;
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _http.Dispose();
        await _statements.DisposeAsync();
        await _rig.DisposeAsync();
    }
}
