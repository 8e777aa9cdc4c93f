using QuickPay.Bench.Load;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Report;
using QuickPay.Cli.Local;
using static System.FormattableString;

namespace QuickPay.Bench.Commands;

/// <summary>`bench transfers` and `bench soak`: load, verdict, proof; a long run also minute by minute.</summary>
internal sealed class TransfersCommand(BenchConsole console, TimeProvider clock)
{
    /// <summary>From three minutes on there are thirds to compare.</summary>
    private const int MinutesFrom = 180;

    /// <returns>0 = the books hold (and a long run stayed flat), 1 = not.</returns>
    public async Task<int> RunAsync(string name, RigOptions rigOptions, LoadOptions options, bool json, CancellationToken cancellationToken)
    {
        await using var rig = await BenchRig.StartAsync(rigOptions, console, clock, cancellationToken);
        await using var session = await LoadSession.OpenAsync(rig.Target, options, console, clock, cancellationToken);
        var accounts = await session.OpenAccountsAsync(options.Accounts, cancellationToken);
        await session.WarmUpAsync(accounts, options, cancellationToken);
        if (options.Rate is null && options.Connections is null)
        {
            options = options with { Connections = await session.BestConnectionsAsync(accounts, options, cancellationToken) };
        }

        var (report, minutes) = await RunAsync(session, accounts, options, cancellationToken);
        var flatness = minutes.Count >= 3 ? SoakJudgement.Judge(minutes) : [];
        var held = report.Held && flatness.All(f => f.Flat);
        var machine = await Machine.OfAsync(session.Database, cancellationToken);
        if (json)
        {
            JsonOutput.Write(
                new
                {
                    command = name,
                    machine,
                    seed = options.Seed,
                    result = report,
                    minutes,
                    flatness,
                    held,
                }
            );
        }
        else
        {
            Verdict.Write(console, report);
            if (minutes.Count >= 3)
            {
                Verdict.Write(console, minutes, flatness);
            }

            Verdict.WriteFoot(console, machine, options.Seed);
        }

        return held ? 0 : 1;
    }

    /// <summary>The same, with the Express baseline and pgbench in turn on the same servers.</summary>
    public async Task<int> CompareAsync(
        RigOptions rigOptions,
        LoadOptions options,
        int rounds,
        bool json,
        CancellationToken cancellationToken
    )
    {
        await using var rig = await BenchRig.StartAsync(rigOptions, console, clock, cancellationToken);
        await using var session = await LoadSession.OpenAsync(rig.Target, options, console, clock, cancellationToken);
        var accounts = await session.OpenAccountsAsync(options.Accounts, cancellationToken);
        var bench = Path.Combine(Programs.RepositoryRoot, "bench");
        await using var comparison = new Comparison(rig.Stack!.Servers, bench, options, console, clock);
        var report = await comparison.RunAsync(session, accounts, rounds, cancellationToken);
        var machine = await Machine.OfAsync(session.Database, cancellationToken);
        if (json)
        {
            JsonOutput.Write(
                new
                {
                    command = "transfers",
                    machine,
                    seed = options.Seed,
                    ratios = report.Ratios,
                    rounds = report.Rounds,
                    held = report.Held,
                }
            );
        }
        else
        {
            Verdict.Write(console, report.Rounds[^1].QuickPay);
            Verdict.Write(console, report);
            Verdict.WriteFoot(console, machine, options.Seed);
        }

        return report.Held ? 0 : 1;
    }

    private async Task<(TransfersReport Report, IReadOnlyList<MinuteReport> Minutes)> RunAsync(
        LoadSession session,
        AccountSet accounts,
        LoadOptions options,
        CancellationToken cancellationToken
    )
    {
        if (options.Seconds < MinutesFrom)
        {
            return (await session.RunAsync(accounts, options, null, cancellationToken), []);
        }

        var sampler = new MinuteSampler(session.Meter, session.Database, options.WarmupSeconds, options.Seconds, console);
        var sampling = sampler.SampleAsync(cancellationToken);
        try
        {
            var report = await session.RunAsync(accounts, options, sampler.OnSecond, cancellationToken);
            sampler.Complete();
            return (report, await sampling);
        }
        finally
        {
            sampler.Complete();
        }
    }
}
