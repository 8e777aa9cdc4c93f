using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using QuickPay.Bench.Load;
using QuickPay.Bench.Proof;
using QuickPay.Cli.Local;
using static System.FormattableString;

namespace QuickPay.Bench.Targets;

/// <summary>One run of pgbench.</summary>
internal sealed record PgbenchResult(int Clients, double Tps, long Transactions, double LatencyMs, IReadOnlyList<ProofCheck> Proof);

/// <summary>
/// The database alone: the ledger's own tables and statements, one transaction a request, prepared, through the unix socket, without
/// HTTP, tokens or sessions. What one transaction a request can give at best on this machine.
/// </summary>
internal sealed partial class PgbenchRival(LocalServers servers, string folder)
{
    private const string Database = "bench_pgbench";
    public static readonly IReadOnlyList<int> ClientCandidates = [8, 16, 32];

    private AccountSet _accounts = null!;

    private string ConnectionString => servers.Postgres.SuperuserConnectionString(Database);

    /// <summary>A migrated database with the same number of accounts.</summary>
    public async Task PrepareAsync(AccountSet accounts, IReadOnlyList<Guid> owners, CancellationToken cancellationToken)
    {
        _accounts = accounts;
        await servers.CreateMigratedDatabaseAsync(Database, cancellationToken);
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        foreach (var sql in LedgerAccountsSql.Statements(accounts, owners))
        {
            await using var command = source.CreateCommand(sql);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task<PgbenchResult> RunAsync(int clients, int seconds, double skew, ulong seed, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        var books = new ProofOfBooks(source, QuickPayTarget.LedgerBooks);
        var before = await books.CountTransfersAsync(cancellationToken);
        var output = await Tool.RunAsync(
            PostgresPrograms.Find("pgbench"),
            Arguments(clients, seconds, skew, seed),
            null,
            null,
            cancellationToken
        );
        var transactions = (long)Number(ProcessedLine(), output);
        var posted = await books.CountTransfersAsync(cancellationToken) - before;
        return new PgbenchResult(
            clients,
            Number(TpsLine(), output),
            transactions,
            Number(LatencyLine(), output),
            [
                new ProofCheck("every transaction is in the books, once", posted == transactions, Invariant($"{posted} of {transactions}")),
                await books.SumsAsync(cancellationToken),
            ]
        );
    }

    private IEnumerable<string> Arguments(int clients, int seconds, double skew, ulong seed)
    {
        var connection = new NpgsqlConnectionStringBuilder(ConnectionString);
        // pgbench's own Zipf begins just above 1.
        var (script, zipf) = skew == 0 ? ("uniform.sql", 1.001) : ("zipf.sql", Math.Max(skew, 1.001));
        return
        [
            "--host",
            connection.Host!,
            "--port",
            Invariant($"{connection.Port}"),
            "--username",
            connection.Username!,
            "--no-vacuum",
            "--protocol",
            "prepared",
            "--client",
            Invariant($"{clients}"),
            "--jobs",
            Invariant($"{Math.Min(clients, Environment.ProcessorCount)}"),
            "--time",
            Invariant($"{seconds}"),
            "--random-seed",
            Invariant($"{seed % int.MaxValue}"),
            "--define",
            Invariant($"accounts={_accounts.Count}"),
            "--define",
            Invariant($"first={_accounts.FirstTime}"),
            "--define",
            Invariant($"zipf={zipf}"),
            "--define",
            Invariant($"marker={_accounts.Marker}"),
            "--file",
            Path.Combine(folder, script),
            Database,
        ];
    }

    private static double Number(Regex line, string output) =>
        line.Match(output) is { Success: true } match
            ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new BenchException($"pgbench said something else than expected:\n{output}");

    [GeneratedRegex(@"number of transactions actually processed: (\d+)")]
    private static partial Regex ProcessedLine();

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex TpsLine();

    [GeneratedRegex(@"latency average = ([\d.]+) ms")]
    private static partial Regex LatencyLine();
}
