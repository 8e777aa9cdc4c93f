using System.Text.Json;
using Npgsql;
using QuickPay.Bench.Load;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Proof;
using QuickPay.Cli.Local;

namespace QuickPay.Bench.Targets;

/// <summary>
/// The case study's own stack (bench/baseline-express) on the same PostgreSQL and Redis, in a database of its own. A Node process uses
/// one core; where a second one helps, it gets it.
/// </summary>
internal sealed class ExpressTarget : ILoadTarget
{
    private const string Database = "bench_express";
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly LocalServers _servers;
    private readonly ChildProcess _node;
    private readonly int _workers;
    private readonly TimeProvider _clock;

    private ExpressTarget(LocalServers servers, ChildProcess node, Uri url, int workers, TimeProvider clock)
    {
        (_servers, _node, Url, _workers, _clock) = (servers, node, url, workers, clock);
    }

    public string Name => "express";

    public string Description => $"Express, pg, ioredis; {_workers} Node {(_workers == 1 ? "process" : "workers")}, pool of 20 each";

    public Uri Url { get; }

    public string SuperuserConnectionString => _servers.Postgres.SuperuserConnectionString(Database);

    public BooksSql Books { get; } = new("transfers", "SELECT currency::text, sum(balance) FROM accounts GROUP BY currency");

    public IReadOnlyList<MeteredRole> Roles =>
        [
            new("api", [_node.Pid], WithChildren: true),
            new("postgres", [_servers.Postgres.Process!.Pid], WithChildren: true),
            new("redis", [_servers.Redis.Process!.Pid], WithChildren: false),
            new("generator", [Environment.ProcessId], WithChildren: false),
        ];

    // A pool of 20 is what it has: more than a few times that many only wait.
    public IReadOnlyList<int> ConnectionCandidates => [20, 32, 64, 128];

    /// <summary>Starts it; its database and its packages are made when they are missing.</summary>
    /// <param name="servers">PostgreSQL and Redis.</param>
    /// <param name="folder">bench/baseline-express.</param>
    /// <param name="workers">Node processes that serve.</param>
    /// <param name="clock">For the waiting.</param>
    /// <param name="cancellationToken">Stops what was started.</param>
    public static async Task<ExpressTarget> StartAsync(
        LocalServers servers,
        string folder,
        int workers,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var node = await NodePackages.EnsureAsync(folder, servers.Data, cancellationToken);
        await EnsureDatabaseAsync(servers, folder, cancellationToken);
        var port = Ports.FreeFrom(null);
        var settingsFile = Path.Combine(servers.Data.Settings, "baseline-express.json");
        PrivateFile.Write(settingsFile, Settings(servers, port, workers));
        var log = LogFile.Begin(servers.Data.Logs, "baseline-express");
        var process = await ChildProcess.StartAsync(
            new ChildStart(node, ["src/server.js"])
            {
                LogFile = log,
                WorkingFolder = folder,
                Environment = new Dictionary<string, string> { ["BASELINE_SETTINGS"] = settingsFile, ["NODE_ENV"] = "production" },
            }
        );
        var target = new ExpressTarget(servers, process, new Uri($"http://127.0.0.1:{port}"), workers, clock);
        try
        {
            await target.AnswersAsync(log, cancellationToken);
            return target;
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    public IReadOnlyList<string> OpenAccountsSql(AccountSet accounts, IReadOnlyList<Guid> owners) =>
        [
            $"""
                INSERT INTO accounts (id, owner_id, floor)
                SELECT {LedgerAccountsSql.IdOf(accounts, "i")}, {LedgerAccountsSql.OwnerOf(owners, "i")}, {LedgerAccountsSql.Floor}
                FROM generate_series(0::bigint, {accounts.Count - 1}) AS i
                """,
            .. LedgerAccountsSql.Settle("accounts"),
        ];

    public async ValueTask DisposeAsync() => await _node.StopAsync(Signal.Terminate, StopPatience, _clock);

    private static async Task EnsureDatabaseAsync(LocalServers servers, string folder, CancellationToken cancellationToken)
    {
        if (await servers.Postgres.HasDatabaseAsync(Database, cancellationToken))
        {
            return;
        }

        await servers.Postgres.CreateDatabaseAsync(Database, template: null, cancellationToken);
        await using var source = NpgsqlDataSource.Create(Connection(servers).ConnectionString);
        await using var schema = source.CreateCommand(await File.ReadAllTextAsync(Path.Combine(folder, "schema.sql"), cancellationToken));
        await schema.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The role that owns the database: the baseline need not be kept from its own tables.</summary>
    private static PostgresConnection Connection(LocalServers servers) => servers.Postgres.Connection(PostgresRoles.Migrator, Database);

    private static string Settings(LocalServers servers, int port, int workers)
    {
        var postgres = Connection(servers);
        var redis = servers.Redis.Connection(RedisUsers.Api);
        return JsonSerializer.Serialize(
            new
            {
                port,
                workers,
                tokenSecret = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)),
                postgres = new
                {
                    host = "127.0.0.1",
                    port = servers.Postgres.Port,
                    database = postgres.Database,
                    username = postgres.Username,
                    password = postgres.Password,
                    ca = postgres.RootCertificate,
                },
                redis = new
                {
                    host = "127.0.0.1",
                    port = servers.Redis.Port,
                    username = redis.Username,
                    password = redis.Password,
                    ca = redis.RootCertificate,
                },
            }
        );
    }

    private async Task AnswersAsync(string log, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), _clock);
        while (!_node.Exited.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (await HealthProbe.IsReadyAsync(Url.GetLeftPart(UriPartial.Authority), rootCertificate: "", cancellationToken))
            {
                return;
            }
        }

        throw new BenchException($"The Express baseline ended at its start. {log}:\n{LogFile.Tail(log)}");
    }
}
