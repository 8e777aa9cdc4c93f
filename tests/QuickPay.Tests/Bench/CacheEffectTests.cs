using QuickPay.Bench.Report;

namespace QuickPay.Tests.Bench;

public class CacheEffectTests
{
    private static readonly CacheEffect Effect = new([ReadsRuns.Round(), ReadsRuns.Round(scale: 2)]);

    [Fact]
    public void Effects_are_ratios_of_medians()
    {
        Assert.Equal(0.9, Effect.QueriesSaved, 1e-9);
        Assert.Equal(0.8, Effect.DatabaseCpuSaved, 1e-9);
        Assert.Equal(5, Effect.ResponseTimesP50, 1e-9);
        Assert.Equal(5, Effect.ResponseTimesP95, 1e-9);
        Assert.Equal(10.5, Effect.ThroughputTimes, 1e-9);
        // 2,000 and 4,000: the median of two is between them.
        Assert.Equal(3_000, Effect.Measures[^1].Off, 1e-9);
    }

    [Fact]
    public void A_claim_is_reached_by_its_figure_or_not() =>
        Assert.Equal(
            [
                "database queries: −90 % claimed, −90 % measured, True",
                "database processor time: −90 % claimed, −80 % measured, False",
                "response time, P50: 10.0× claimed, 5.0× measured, False",
                "response time, P95: 10.0× claimed, 5.0× measured, False",
                "requests at saturation: 10.0× claimed, 10.5× measured, True",
            ],
            Effect.Claims.Select(claim => $"{claim.Name}: {claim.Claimed} claimed, {claim.Measured} measured, {claim.Held}")
        );

    [Fact]
    public void Figures_are_shown_with_their_units() =>
        Assert.Equal(
            ["2,000 /s 200 /s", "0.50 cores 0.10 cores", "7.50 ms 1.50 ms", "22.5 ms 4.50 ms", "67.5 ms 13.5 ms", "3,000 /s 31,500 /s"],
            Effect.Measures.Select(measure => $"{measure.OffText} {measure.OnText}")
        );

    [Fact]
    public void More_is_said_to_be_more()
    {
        var round = ReadsRuns.Round();
        var worse = new CacheEffect([new MixRound(round.On, round.Off)]);

        Assert.Equal("+900 %", worse.Measures[0].Effect);
        Assert.All(worse.Claims, claim => Assert.False(claim.Held, claim.Name));
    }

    [Fact]
    public void A_rate_that_one_side_misses_is_noticed()
    {
        Assert.True(Effect.RateHeld);
        Assert.False(new CacheEffect([ReadsRuns.Round(), ReadsRuns.Round(held: 0.98)]).RateHeld);
    }

    [Fact]
    public void Answers_of_a_queue_prove_no_cache()
    {
        Assert.True(ResponseClaim(held: 1));
        Assert.False(ResponseClaim(held: 0.98));

        static bool ResponseClaim(double held)
        {
            var round = ReadsRuns.Round(held: held);
            var quick = round.On.AtRate with { LatencyMs = new LatencyReport(0.1, 0.1, 0.1, 0.1, 0.1) };
            return new CacheEffect([round with { On = round.On with { AtRate = quick } }]).Claims[2].Held;
        }
    }

    [Fact]
    public void Hit_rates_are_those_of_the_side_with_caches()
    {
        Assert.Equal(0.915, Effect.HitRates["balance"], 1e-9);
        Assert.Equal("91.5%", ReadsVerdict.HitText(Effect.HitRates, "balance"));
        Assert.Equal("-", ReadsVerdict.HitText(Effect.HitRates, "page"));
    }

    /// <summary>Infinity is no JSON.</summary>
    [Fact]
    public void Where_nothing_was_measured_nothing_is_claimed()
    {
        var nothing = ReadsRuns.Run(perSecond: 0, p50: 0, statements: 0, databaseCores: 0, rate: 1_000) with { StatementsPerRequest = 0 };
        var effect = new CacheEffect([new MixRound(new MixPair(nothing, nothing), new MixPair(nothing, nothing))]);

        Assert.All(effect.Claims, claim => Assert.False(claim.Held, claim.Name));
        Assert.Contains("\"throughputTimes\": 0", JsonOutput.Text(effect), StringComparison.Ordinal);
    }
}
