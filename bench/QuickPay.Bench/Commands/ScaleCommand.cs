using QuickPay.Bench.Measure;
using QuickPay.Bench.Report;
using static System.FormattableString;

namespace QuickPay.Bench.Commands;

/// <summary>`bench scale`: what a transfer costs in processor time as the number of accounts grows.</summary>
internal sealed class ScaleCommand(BenchConsole console, TimeProvider clock)
{
    private const int ConnectionsDefault = 256;

    /// <returns>0 = flat within ±20 % and the books hold, 1 = not.</returns>
    public async Task<int> RunAsync(
        RigOptions rigOptions,
        LoadOptions options,
        IReadOnlyList<long> sizes,
        bool json,
        CancellationToken cancellationToken
    )
    {
        await using var rig = await BenchRig.StartAsync(rigOptions, console, clock, cancellationToken);
        await using var session = await LoadSession.OpenAsync(rig.Target, options, console, clock, cancellationToken);
        // The same concurrency at every size, so that the size is all that differs.
        var each = options with
        {
            Connections = options.Connections ?? ConnectionsDefault,
        };
        List<ScaleStep> steps = [];
        foreach (var size in sizes)
        {
            var accounts = await session.OpenAccountsAsync(size, cancellationToken);
            await session.WarmUpAsync(accounts, each, cancellationToken);
            var report = await session.RunAsync(accounts, each, null, cancellationToken);
            var cost = report.SystemMicrosecondsPerTransfer;
            var first = steps.Count == 0 ? cost : steps[0].Report.SystemMicrosecondsPerTransfer;
            console.Step(Invariant($"{size:N0} accounts: {cost:0.0} µs of API and PostgreSQL a transfer"));
            steps.Add(new ScaleStep(report, cost / first - 1, Flatness.WithinOf(first, cost)));
        }

        var held = steps.All(step => step.Flat && step.Report.Held);
        if (json)
        {
            var machine = await Machine.OfAsync(session.Database, cancellationToken);
            JsonOutput.Write(
                new
                {
                    command = "scale",
                    machine,
                    seed = options.Seed,
                    steps,
                    held,
                }
            );
        }
        else
        {
            Verdict.Write(console, steps);
            foreach (var step in steps)
            {
                Verdict.Write(console, Invariant($"{step.Report.Accounts:N0} accounts"), step.Report.Proof);
            }
        }

        return held ? 0 : 1;
    }
}
