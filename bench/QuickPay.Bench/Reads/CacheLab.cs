using QuickPay.Bench.Load;
using QuickPay.Bench.Proof;
using QuickPay.Bench.Report;
using QuickPay.Cli.Lab;
using QuickPay.Cli.Local;
using static System.FormattableString;

namespace QuickPay.Bench.Reads;

/// <summary>
/// The course's second lab: the same load with caches off and on, in turn. What the course claims of caches is measured and said; the steps
/// that decide are that no answer was wrong and that the books hold.
/// </summary>
internal sealed class CacheLab(LabReport report, BenchConsole console, TimeProvider clock)
{
    private const double ReadsShare = 0.95;
    private const double ReadsShareTolerance = 0.02;

    private static readonly ReadsOptions Fixed = new()
    {
        Seconds = 6,
        Members = 4_000,
        Connections = 128,
        Seed = 0,
    };

    /// <param name="data">Where the chart and the figures stay.</param>
    /// <param name="seed">Of all choices.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The folder with the chart.</returns>
    public async Task<(CacheEffect Effect, string Folder)> RunAsync(DataFolder data, ulong seed, CancellationToken cancellationToken)
    {
        var options = Fixed with { Seed = seed };
        await using var stage = await ReadsStage.OpenAsync(options, console, clock, cancellationToken);
        await report.StepAsync(
            "stack",
            "Two API servers share one PostgreSQL, its indexes and one Redis; they differ in the setting Cache:Enabled alone",
            () =>
                Task.FromResult(
                    $"{stage.DescribeDifference()}; "
                        + Invariant($"{options.Members:N0} members each, with a history of 60 to 200 transfers, made alike; ")
                        + "only one server is under load at a time"
                )
        );
        var bench = new ReadsBench(stage, options, console);
        console.Step("Warming up both sides");
        await bench.WarmUpAsync(cancellationToken);
        var effect = await bench.EffectAsync(cancellationToken);
        await LoadStepsAsync(effect);
        Claims(effect);
        await AnswerStepsAsync(stage, cancellationToken);

        var machine = await Machine.OfAsync(stage.Database, cancellationToken);
        var figures = new
        {
            command = "lab cache",
            machine,
            seed,
            effect,
            steps = report.Steps,
        };
        return (effect, LabFiles.Write(data, "cache", clock.GetUtcNow(), CacheChart.Render(effect, machine), figures));
    }

    private async Task LoadStepsAsync(CacheEffect effect)
    {
        await report.StepAsync(
            "load",
            "95 of 100 requests read: balances, first and deeper pages, rates; 5 send money; some members are asked for far more than others",
            () =>
            {
                var kinds = effect.Runs.SelectMany(run => run.Kinds).ToLookup(kind => kind.Key, kind => kind.Value.Answered);
                var all = Math.Max(1.0, kinds.Sum(kind => kind.Sum()));
                var reads = 1 - kinds[ReadsRun.NameOf(RequestKind.Transfer)].Sum() / all;
                LabReport.Require(Math.Abs(reads - ReadsShare) < ReadsShareTolerance, Invariant($"{reads:0.0%} read"));
                var shares = string.Join(", ", kinds.Select(kind => Invariant($"{kind.Key} {kind.Sum() / all:0.0%}")));
                return Task.FromResult(Invariant($"of {all:N0} answers {shares}; Zipf with exponent {Fixed.Skew} over members"));
            }
        );

        // On a busy machine it may not be so; that makes no answer wrong.
        report.Claim(
            "load",
            "Both sides answer at the same rate, so that their response times can be compared",
            effect.RateHeld,
            Invariant($"{effect.Rate:N0} requests/s, half of what was possible without caches")
        );
    }

    /// <summary>What the course says of caches, beside what was measured. A claim that is not reached breaks no promise of ours.</summary>
    private void Claims(CacheEffect effect)
    {
        foreach (var claim in effect.Claims)
        {
            report.Claim(
                "claims",
                $"{claim.Name}: {claim.Claimed}",
                claim.Held,
                $"measured {claim.Measured}: {claim.Of.OffText} without caches, {claim.Of.OnText} with"
            );
        }

        var (balances, pages) = (ReadsVerdict.HitText(effect.HitRates, "balance"), ReadsVerdict.HitText(effect.HitRates, "page"));
        console.Step($"From the caches came {balances} of the balances and {pages} of the first pages (-: not counted)");
    }

    private async Task AnswerStepsAsync(ReadsStage stage, CancellationToken cancellationToken)
    {
        await report.StepAsync(
            "answers",
            "No member was shown less than they had seen before: each sends back the token of its last answer, and no read fell behind it",
            () => Task.FromResult(Require(stage.Runs.SelectMany(run => run.Proof.TakeLast(1))))
        );
        await report.StepAsync(
            "answers",
            "Each transfer that was answered is in the books once, nothing else is, and all balances sum to zero",
            () => Task.FromResult(Require(stage.Runs.SelectMany(run => run.Proof.SkipLast(1))))
        );
        IReadOnlyList<ProofCheck> final = [];
        await report.StepAsync(
            "answers",
            "When all is quiet, each balance is the sum of its transfers, and members are shown what the database has",
            async () =>
            {
                final = await stage.FinalChecksAsync(cancellationToken);
                Require(final);
                return string.Join("; ", final.Select(check => $"{check.Name}: {check.Detail}"));
            }
        );
    }

    private static string Require(IEnumerable<ProofCheck> checks)
    {
        var all = checks.ToList();
        if (all.Find(check => !check.Held) is { } broken)
        {
            LabReport.Require(false, $"{broken.Name}: {broken.Detail}");
        }

        return Invariant($"{all.Count} checks held: {string.Join("; ", all.Select(check => check.Name).Distinct())}");
    }
}
