using System.Globalization;
using System.Xml.Linq;
using QuickPay.Cli.Scale;
using QuickPay.Tests.Tidy;

namespace QuickPay.Tests.Scale;

public class ScaleSimulationTests
{
    private static readonly ScaleLoad Full = new()
    {
        Ledgers = 1,
        Connections = 512,
        Seconds = 1,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20_261_123)]
    public void One_ledger_does_what_was_measured(int seed)
    {
        var figures = Calibration.Of(PostingCosts.Measured, seed);

        Assert.Equal(11, figures.Count(figure => figure.Tolerance is not null));
        Assert.All(figures, figure => Assert.True(figure.Held, $"{figure.Run}, {figure.Figure}: {figure.Simulated} for {figure.Measured}"));
    }

    [Fact]
    public void Another_cost_of_a_batch_would_not_fit() =>
        Assert.All(
            (PostingCosts[])
                [
                    PostingCosts.Measured with
                    {
                        BatchMs = 0.75,
                    },
                    PostingCosts.Measured with
                    {
                        RequestMs = 0.055,
                    },
                    PostingCosts.Measured with
                    {
                        RowMs = 0.016,
                    },
                    PostingCosts.Measured with
                    {
                        CommitMs = 0.5,
                    },
                ],
            costs => Assert.Contains(Calibration.Of(costs, 1), figure => !figure.Held)
        );

    /// <summary>Figures that are measured again must be typed in again.</summary>
    [Fact]
    public void What_is_compared_with_stands_in_the_benchmarks()
    {
        var benchmarks = Repository.Read("docs/benchmarks.md");

        Assert.All(
            (string[])
                [
                    "19,448 | 25.7 · 36.9 · 45.1",
                    "24,592 | 19.7 · 30.5 · 58.3",
                    "2,000 | 1.9 · 3.1 · 5.7",
                    "P50 1.13 against",
                    "P99 3.60 against",
                    "| 1.09 · 5.3 |",
                    "64 connections: transfers/s | 12,900",
                    "513 + 493 +",
                    "39.5 + 35.2 +",
                    "39.7 + 44.6",
                    "51.6 + 64.3",
                    "41.9 + 39.2",
                    "47.9 + 64.2 | 5,995",
                    "108 bytes a key: table 10,984 MiB",
                ],
            figure => Assert.Contains(figure, benchmarks)
        );
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_one_another()
    {
        var several = Full with { Ledgers = 4, Seconds = 0.2, WarmupSeconds = 0.1 };

        Assert.Equal(Run(several), Run(several));
        Assert.NotEqual(Run(several), Run(several with { Seed = 2 }));
    }

    [Fact]
    public void More_connections_make_larger_batches_and_more_transfers()
    {
        var runs = ((int[])[16, 64, 256, 512]).Select(connections => Run(Full with { Connections = connections })).ToList();

        Assert.Equal(runs.OrderBy(run => run.PerSecond), runs);
        Assert.Equal(runs.OrderBy(run => run.MeanBatch), runs);
        Assert.Equal(runs.OrderBy(run => run.P50Ms), runs);
    }

    [Fact]
    public void Ledgers_without_transfers_across_add_up_and_each_one_across_takes_from_it()
    {
        var one = Run(Full).PerSecond;
        var byShare = ((double[])[0, 0.1, 0.5, 1]).Select(share => Run(Full with { Ledgers = 8, CrossShare = share })).ToList();

        Assert.InRange(byShare[0].PerSecond / one, 7.2, 8.4);
        Assert.Equal(byShare.OrderByDescending(run => run.PerSecond), byShare);
        Assert.All(byShare.Skip(1), run => Assert.True(run.CrossP50Ms > run.LocalP50Ms));
        Assert.All(
            byShare.Zip((double[])[0, 0.1, 0.5, 1]),
            pair =>
            {
                Assert.Equal(pair.Second, pair.First.CrossPerSecond / pair.First.PerSecond, 0.02);
                Assert.InRange(pair.First.PerSecond / ScaleStudy.ClosedForm(one, 8, pair.Second, 3), 0.85, 1.15);
            }
        );
    }

    /// <summary>What a hash sends everywhere makes two ledgers no faster than one.</summary>
    [Fact]
    public void Two_ledgers_by_hash_gain_next_to_nothing()
    {
        Assert.Equal(1_000, ScaleStudy.ClosedForm(1_000, 2, 0.5, 3), 1e-9);
        Assert.InRange(Run(Full with { Ledgers = 2 }).PerSecond / Run(Full).PerSecond, 0.9, 1.2);
    }

    [Fact]
    public void A_shop_gets_more_with_an_account_in_each_ledger()
    {
        var byAccounts = ((int[])[1, 2, 4])
            .Select(accounts => Run(Full with { Ledgers = 4, ShopShare = 1, ShopAccounts = accounts }).PerSecond)
            .ToList();

        Assert.InRange(byAccounts[0] / Run(Full).PerSecond, 0.8, 1.6);
        Assert.True(byAccounts[1] > 1.5 * byAccounts[0]);
        Assert.True(byAccounts[2] > 3 * byAccounts[0]);
    }

    [Fact]
    public void Larger_primaries_carry_more_and_no_limit_is_beyond_reason()
    {
        Assert.All(
            PrimaryLimits.All,
            limit =>
            {
                Assert.Equal(limit.PerSecond.Order(), limit.PerSecond);
                Assert.All(limit.PerSecond, perSecond => Assert.InRange(perSecond, 500, 1_000_000));
            }
        );
        Assert.Equal("storage", PrimaryLimits.All[0].Resource);
        Assert.Equal(493 + 64.3 - 44.6 + 64.2 - 39.2, PrimaryLimits.CpuUs(1), 1e-9);
        Assert.True(PrimaryLimits.CpuUs(100) < PrimaryLimits.CpuUs(10));
        Assert.Equal(2_000, PrimaryLimits.PeakOf(5_000_000), 1e-6);
        Assert.Equal(5_000_000, PrimaryLimits.DayOf(2_000), 1e-3);
    }

    [Fact]
    public void Everything_together_holds_and_its_picture_can_be_read_without_seeing_it()
    {
        var report = ScaleStudy.Run(new ScaleQuestion(Ledgers: 3, Walks: 30), TestContext.Current.CancellationToken);
        var svg = XElement.Parse(ScaleSvg.Render(report.Curve));

        Assert.True(report.Held);
        Assert.Equal([1, 2, 3], report.Curve.Select(point => point.Ledgers));
        Assert.Equal([1, 2, 3], report.Shop.Select(point => point.Accounts));
        Assert.False((report with { Wrong = [.. report.Wrong.Select(finding => finding with { Harm = null })] }).Held);
        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"3 ledgers, {report.Curve[2].CrossShare:0 %} across: {report.Curve[2].PerSecond:N0}/s"
            ),
            (string)svg.Element(XName.Get("desc", "http://www.w3.org/2000/svg"))!
        );
        Assert.Equal(3, svg.Descendants(XName.Get("circle", "http://www.w3.org/2000/svg")).Count());
        Assert.DoesNotContain("NaN", svg.ToString());
    }

    private static ScaleRun Run(ScaleLoad load) => new ScaleSimulation(load, PostingCosts.Measured).Run();
}
