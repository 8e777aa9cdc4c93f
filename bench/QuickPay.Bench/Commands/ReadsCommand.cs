using QuickPay.Bench.Reads;
using QuickPay.Bench.Report;
using QuickPay.Cli.Local;

namespace QuickPay.Bench.Commands;

/// <summary>`bench reads`: what reads reach, and what the caches have to do with it.</summary>
internal sealed class ReadsCommand(BenchConsole console, TimeProvider clock)
{
    /// <returns>0 = the books hold and no answer was wrong, 1 = not. Goals and claims are printed and judged by people.</returns>
    public async Task<int> RunAsync(ReadsOptions options, DataFolder data, bool json, CancellationToken cancellationToken)
    {
        await using var stage = await ReadsStage.OpenAsync(options, console, clock, cancellationToken);
        var bench = new ReadsBench(stage, options, console);
        console.Step("Warming up both sides");
        await bench.WarmUpAsync(cancellationToken);
        var ceilings = options.Part is ReadsPart.All ? await bench.CeilingsAsync(cancellationToken) : null;
        var effect = options.Part is ReadsPart.All or ReadsPart.Mix ? await bench.EffectAsync(cancellationToken) : null;
        var alone = options.Part switch
        {
            ReadsPart.Balance => await bench.AloneAsync(ReadsBench.Balances, cancellationToken),
            ReadsPart.Page => await bench.AloneAsync(ReadsBench.Pages, cancellationToken),
            ReadsPart.Empty => await bench.AloneAsync(ReadsBench.Empty, cancellationToken),
            _ => [],
        };
        console.Step("quickpay: checking the books from their beginning, and what is shown of them");
        var final = await stage.FinalChecksAsync(cancellationToken);
        var held = stage.Runs.All(run => run.Held) && final.All(check => check.Held);
        var machine = await Machine.OfAsync(stage.Database, cancellationToken);
        var report = new
        {
            command = "reads",
            machine,
            seed = options.Seed,
            members = options.Members,
            skew = options.Skew,
            ceilings,
            effect,
            alone,
            final,
            held,
        };
        var chart = effect is null ? null : CacheChart.Render(effect, machine);
        var folder = LabFiles.Write(data, "reads", clock.GetUtcNow(), chart, report);
        if (json)
        {
            JsonOutput.Write(report);
            return held ? 0 : 1;
        }

        if (ceilings is not null)
        {
            ReadsVerdict.Write(console, ceilings);
        }

        if (effect is not null)
        {
            ReadsVerdict.Write(console, effect);
        }

        if (alone.Count > 0)
        {
            ReadsVerdict.Write(console, alone);
        }

        ReadsVerdict.WriteProof(console, stage.Runs, final);
        console.Line($"Report{(chart is null ? "" : " and chart")}: {folder}");
        Verdict.WriteFoot(console, machine, options.Seed);
        return held ? 0 : 1;
    }
}
