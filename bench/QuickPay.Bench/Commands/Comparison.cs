using QuickPay.Bench.Load;
using QuickPay.Bench.Report;
using QuickPay.Bench.Targets;
using QuickPay.Cli.Local;
using static System.FormattableString;

namespace QuickPay.Bench.Commands;

/// <summary>
/// QuickPay, the Express baseline and pgbench in turn, each at its own best concurrency, each with its books checked after every round.
/// Only one is under load at a time; the others are idle.
/// </summary>
internal sealed class Comparison(LocalServers servers, string benchFolder, LoadOptions options, BenchConsole console, TimeProvider clock)
    : IAsyncDisposable
{
    private const int TuneSeconds = 3;

    private ExpressTarget? _express;
    private LoadSession? _expressSession;

    public async Task<CompareReport> RunAsync(LoadSession session, AccountSet accounts, int rounds, CancellationToken cancellationToken)
    {
        await session.WarmUpAsync(accounts, options, cancellationToken);
        var ours = options with
        {
            Connections = options.Connections ?? await session.BestConnectionsAsync(accounts, options, cancellationToken),
        };
        var (expressAccounts, express) = await TuneExpressAsync(cancellationToken);
        var pgbench = new PgbenchRival(servers, Path.Combine(benchFolder, "pgbench"));
        console.Step(Invariant($"pgbench: {options.Accounts:N0} accounts are opened"));
        await pgbench.PrepareAsync(accounts, session.Owners, cancellationToken);
        var clients = await BestClientsAsync(pgbench, cancellationToken);

        List<CompareRound> done = [];
        for (var round = 1; round <= rounds; round++)
        {
            console.Step(Invariant($"Round {round} of {rounds}"));
            var a = await session.RunAsync(accounts, ours, null, cancellationToken);
            var b = await _expressSession!.RunAsync(expressAccounts, express, null, cancellationToken);
            console.Step(Invariant($"pgbench: {clients} clients for {options.WarmupSeconds} + {options.Seconds} s"));
            await pgbench.RunAsync(clients, options.WarmupSeconds, options.Skew, options.Seed, cancellationToken);
            var c = await pgbench.RunAsync(clients, options.Seconds, options.Skew, options.Seed + (ulong)round, cancellationToken);
            console.Step(Invariant($"quickpay {a.Tps:N0}/s  express {b.Tps:N0}/s  pgbench {c.Tps:N0}/s"));
            done.Add(new CompareRound(a, b, c));
        }

        return new CompareReport(done);
    }

    public async ValueTask DisposeAsync()
    {
        if (_expressSession is not null)
        {
            await _expressSession.DisposeAsync();
        }

        if (_express is not null)
        {
            await _express.DisposeAsync();
        }
    }

    /// <summary>One Node process and two, each at its best number of connections; the better one stays.</summary>
    private async Task<(AccountSet Accounts, LoadOptions Options)> TuneExpressAsync(CancellationToken cancellationToken)
    {
        var (bestWorkers, bestConnections, bestTps) = (0, 0, -1.0);
        AccountSet? accounts = null;
        foreach (var workers in (int[])[1, 2])
        {
            accounts = await StartExpressAsync(workers, cancellationToken);
            var (connections, tps) = await _expressSession!.BestConnectionsAndTpsAsync(accounts, options, cancellationToken);
            if (tps > bestTps)
            {
                (bestWorkers, bestConnections, bestTps) = (workers, connections, tps);
            }
        }

        if (bestWorkers == 1)
        {
            accounts = await StartExpressAsync(bestWorkers, cancellationToken);
        }

        console.Step(Invariant($"express: best with {bestWorkers} Node processes and {bestConnections} connections"));
        return (accounts!, options with { Connections = bestConnections });
    }

    /// <summary>(Re)starts it with so many workers and accounts of its own: its members' passwords and sessions are new as well.</summary>
    private async Task<AccountSet> StartExpressAsync(int workers, CancellationToken cancellationToken)
    {
        await DisposeAsync();
        _express = await ExpressTarget.StartAsync(
            servers,
            Path.Combine(benchFolder, "baseline-express"),
            workers,
            clock,
            cancellationToken
        );
        // Other members than those of the last start, which its database still knows.
        var fresh = options with
        {
            Seed = LoadRandom.Mix(options.Seed + (ulong)_express.Url.Port),
        };
        _expressSession = await LoadSession.OpenAsync(_express, fresh, console, clock, cancellationToken);
        var accounts = await _expressSession.OpenAccountsAsync(options.Accounts, cancellationToken);
        await _expressSession.WarmUpAsync(accounts, options, cancellationToken);
        return accounts;
    }

    private async Task<int> BestClientsAsync(PgbenchRival pgbench, CancellationToken cancellationToken)
    {
        var (best, bestTps) = (0, -1.0);
        foreach (var clients in PgbenchRival.ClientCandidates)
        {
            var result = await pgbench.RunAsync(clients, TuneSeconds, options.Skew, options.Seed, cancellationToken);
            console.Step(Invariant($"pgbench: {clients} clients give {result.Tps:N0} transfers/s"));
            if (result.Tps > bestTps)
            {
                (best, bestTps) = (clients, result.Tps);
            }
        }

        return best;
    }
}
