using Npgsql;
using QuickPay.Bench.Load;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Proof;
using QuickPay.Cli.Local;

namespace QuickPay.Bench.Targets;

/// <summary>QuickPay itself: a private stack of this run, or one that `./quickpay up` has started.</summary>
internal sealed class QuickPayTarget : ILoadTarget
{
    public static readonly BooksSql LedgerBooks = new("transfers", "SELECT currency::text, sum(balance) FROM balances GROUP BY currency");

    private QuickPayTarget(string description, Uri url, string superuserConnectionString, IReadOnlyList<MeteredRole> roles)
    {
        (Description, Url, SuperuserConnectionString, Roles) = (description, url, superuserConnectionString, roles);
    }

    public string Name => "quickpay";

    public string Description { get; }

    public Uri Url { get; }

    public string SuperuserConnectionString { get; }

    public BooksSql Books => LedgerBooks;

    public IReadOnlyList<MeteredRole> Roles { get; }

    public IReadOnlyList<int> ConnectionCandidates => [64, 128, 256, 512];

    /// <summary>The first API server of a stack that this run started (and will stop).</summary>
    /// <param name="baseline">Measured beside it.</param>
    public static QuickPayTarget Of(LocalStack stack, YarpBaseline? baseline = null)
    {
        var servers = stack.Servers;
        var processes = stack
            .Hosts.Append<ILocalServer>(servers.Postgres)
            .Append(servers.Redis)
            .Select(server => (server.Role, server.Process!.Pid));
        return new QuickPayTarget(
            "one API server, worker, PostgreSQL and Redis of this run",
            new Uri(stack.ApiUrls[0]),
            servers.Postgres.SuperuserConnectionString(PostgresServer.DefaultDatabase),
            RolesOf(baseline is null ? processes : processes.Append((YarpBaseline.Role, baseline.Pid)))
        );
    }

    /// <summary>A stack that runs already. Nobody else may use it meanwhile: the proof counts every new transfer.</summary>
    /// <param name="url">Its API, or null for the one its data folder names.</param>
    /// <param name="data">Its data folder, where the way to the database is.</param>
    public static QuickPayTarget Running(Uri? url, DataFolder data)
    {
        var state = RunState.Read(data);
        if (!state.IsRunning || state.PostgresPort is not { } port)
        {
            throw new BenchException($"Nothing runs in {data.Root}. Start it with ./quickpay up, or name its data folder with --data.");
        }

        var superuser = new NpgsqlConnectionStringBuilder
        {
            Host = data.PostgresSocket,
            Port = port,
            Database = PostgresServer.DefaultDatabase,
            Username = PostgresRoles.Superuser,
            SslMode = SslMode.Disable,
        };
        return new QuickPayTarget(
            $"what runs in {data.Root}",
            url ?? new Uri(state.ApiUrl ?? throw new BenchException($"{data.Root} has no API server yet.")),
            superuser.ConnectionString,
            RolesOf(state.Processes.Select(process => (process.Role, process.Identity.Pid)))
        );
    }

    public IReadOnlyList<string> OpenAccountsSql(AccountSet accounts, IReadOnlyList<Guid> owners) =>
        LedgerAccountsSql.Statements(accounts, owners);

    /// <summary>Nothing: whoever started the stack stops it.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static List<MeteredRole> RolesOf(IEnumerable<(string Role, int Pid)> processes) =>
        [
            .. processes
                .GroupBy(p => p.Role)
                .Select(g => new MeteredRole(g.Key, [.. g.Select(p => p.Pid)], WithChildren: g.Key == "postgres")),
            new MeteredRole("generator", [Environment.ProcessId], WithChildren: false),
        ];
}
