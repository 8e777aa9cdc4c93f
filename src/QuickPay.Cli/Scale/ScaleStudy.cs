using QuickPay.Cli.Scale.Links;

namespace QuickPay.Cli.Scale;

/// <summary>What is asked.</summary>
/// <param name="Ledgers">The most; 1, 2, 4 … up to it are simulated, and it.</param>
/// <param name="CrossShare">Of transfers; null: wherever the recipient's hash leads, 1 − 1/N.</param>
/// <param name="CrossCost">A transfer across, in those within.</param>
/// <param name="Skew">Exponent of Zipf's law over all accounts.</param>
/// <param name="BetweenMs">One way between ledgers.</param>
/// <param name="Walks">Random walks of the protocol.</param>
internal sealed record ScaleQuestion(
    int Ledgers = 64,
    double? CrossShare = null,
    double CrossCost = 3,
    double Skew = 0,
    double BetweenMs = 0.5,
    int Walks = 1_000,
    int Seed = 1
);

/// <summary>So many ledgers.</summary>
/// <param name="CrossShare">Of transfers that were answered.</param>
/// <param name="PerSecond">At saturation, 512 connections for each ledger.</param>
/// <param name="ClosedForm">N / (1 + (k − 1) × share) times one ledger's.</param>
/// <param name="P50Ms">Within a ledger, at 500/s for each.</param>
/// <param name="CrossP50Ms">Across, likewise; 0 where there are none.</param>
internal sealed record ScalePoint(int Ledgers, double CrossShare, double PerSecond, double ClosedForm, double P50Ms, double CrossP50Ms);

/// <summary>Everybody pays one shop, which has so many accounts, each in a ledger of its own.</summary>
internal sealed record ShopPoint(int Ledgers, int Accounts, double PerSecond, double P50Ms);

/// <summary>One variant of the protocol.</summary>
/// <param name="Harm">The first that was found; null when there is none.</param>
/// <param name="Trace">The shortest way to it.</param>
/// <param name="FoundByWalk">Which random walk found one, too; null if none.</param>
internal sealed record ProtocolFinding(
    LinkVariant Variant,
    string Is,
    int States,
    int Transitions,
    string? Harm,
    IReadOnlyList<string> Trace,
    int? FoundByWalk
);

/// <summary>Everything that `lab scale` found.</summary>
internal sealed record ScaleReport(
    ScaleQuestion Question,
    IReadOnlyList<PrimarySize> Sizes,
    IReadOnlyList<PrimaryLimit> Primary,
    IReadOnlyList<CalibrationFigure> Calibration,
    IReadOnlyList<ScalePoint> Curve,
    IReadOnlyList<ScalePoint> Locality,
    IReadOnlyList<ShopPoint> Shop,
    ProtocolFinding Protocol,
    long WalkActions,
    long WalkFailures,
    long WalkPosted,
    IReadOnlyList<ProtocolFinding> Wrong
)
{
    /// <summary>The model fits, the protocol is safe, and each wrong one is found out.</summary>
    public bool Held =>
        Calibration.All(figure => figure.Held)
        && Protocol is { Harm: null, FoundByWalk: null }
        && Wrong.All(finding => finding.Harm is not null);
}

/// <summary>Runs all parts.</summary>
internal static class ScaleStudy
{
    private const int Connections = 512;
    private const int QuietRate = 500;
    private static readonly double[] Localities = [0, 0.05, 0.1, 0.2, 0.5];

    public static ScaleReport Run(ScaleQuestion question, CancellationToken cancellationToken)
    {
        var calibration = Scale.Calibration.Of(PostingCosts.Measured, question.Seed);
        var one = Simulate(question, 1, question.CrossShare).PerSecond;
        var counts = Doubling(question.Ledgers);
        var several = counts.LastOrDefault(count => count <= 16);
        var curve = counts.Select(count => Point(count, question.CrossShare)).ToList();
        var locality = several > 1 ? Localities.Select(share => Point(several, share)).ToList() : [];
        var shop = several > 1 ? Doubling(several).Select(Shop).ToList() : [];
        var walks = new List<LinkWalkResult>();
        var right = Find(LinkVariant.Right, walks.Add);
        return new(
            question,
            PrimaryLimits.Sizes,
            PrimaryLimits.All,
            calibration,
            curve,
            locality,
            shop,
            right,
            walks.Sum(walk => (long)walk.Actions),
            walks.Sum(walk => (long)walk.Failures),
            walks.Sum(walk => (long)walk.Posted),
            [.. LinkVariants.Wrong.Select(variant => Find(variant, _ => { }))]
        );

        ScalePoint Point(int ledgers, double? share)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var full = Simulate(question, ledgers, share);
            var quiet = new ScaleSimulation(
                Load(question, ledgers, share) with
                {
                    Rate = QuietRate,
                    Seconds = Math.Max(1, 8.0 / ledgers),
                },
                PostingCosts.Measured
            ).Run();
            var crossShare = full.CrossPerSecond / full.PerSecond;
            return new(
                ledgers,
                crossShare,
                full.PerSecond,
                ClosedForm(one, ledgers, crossShare, question.CrossCost),
                quiet.LocalP50Ms,
                quiet.CrossP50Ms
            );
        }

        ShopPoint Shop(int accounts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var run = new ScaleSimulation(
                Load(question, several, null) with
                {
                    Connections = Connections,
                    ShopShare = 1,
                    ShopAccounts = accounts,
                    Seconds = 1,
                },
                PostingCosts.Measured
            ).Run();
            return new(several, accounts, run.PerSecond, run.P50Ms);
        }

        ProtocolFinding Find(LinkVariant variant, Action<LinkWalkResult> walked)
        {
            var exploration = LinkExplorer.Explore(variant);
            int? found = null;
            for (var walk = 0; walk < question.Walks && found is null; walk++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var result = LinkWalk.Run(question.Seed + walk, variant);
                walked(result);
                if (result.Harm is not null)
                    found = walk + 1;
            }
            return new(
                variant,
                LinkVariants.Describe(variant),
                exploration.States,
                exploration.Transitions,
                exploration.Harm,
                LinkText.Of(exploration.Trace, variant),
                found
            );
        }
    }

    /// <summary>Each transfer across costs k, the others 1, all ledgers alike.</summary>
    public static double ClosedForm(double one, int ledgers, double crossShare, double crossCost) =>
        one * ledgers / (1 + (crossCost - 1) * crossShare);

    private static ScaleRun Simulate(ScaleQuestion question, int ledgers, double? share) =>
        new ScaleSimulation(
            Load(question, ledgers, share) with
            {
                Connections = Connections,
                Seconds = Math.Clamp(16.0 / ledgers, 0.5, 4),
            },
            PostingCosts.Measured
        ).Run();

    private static ScaleLoad Load(ScaleQuestion question, int ledgers, double? share) =>
        new()
        {
            Ledgers = ledgers,
            CrossShare = share,
            CrossCost = question.CrossCost,
            Skew = question.Skew,
            BetweenMs = question.BetweenMs,
            Seed = question.Seed,
        };

    private static List<int> Doubling(int most)
    {
        var counts = new List<int>();
        for (var count = 1; count < most; count *= 2)
            counts.Add(count);
        counts.Add(most);
        return counts;
    }
}
