using System.Text.Json.Serialization;
using QuickPay.Bench.Measure;
using static System.FormattableString;

namespace QuickPay.Bench.Report;

/// <summary>One side in one round: the mix at the common rate, and as fast as it goes.</summary>
internal sealed record MixPair(ReadsRun AtRate, ReadsRun AtMost);

/// <summary>One after the other, so that the machine's moods meet both alike.</summary>
internal sealed record MixRound(MixPair Off, MixPair On);

/// <summary>One figure of both sides.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">/s, cores, ms.</param>
/// <param name="Effect">What the caches change: −90 %, 10.0×.</param>
internal sealed record CacheMeasure(string Name, string Unit, double Off, double On, string Effect)
{
    public string OffText => Text(Off);

    public string OnText => Text(On);

    private string Text(double value) =>
        value >= 100 ? Invariant($"{value:N0} {Unit}")
        : value >= 10 ? Invariant($"{value:0.0} {Unit}")
        : Invariant($"{value:0.00} {Unit}");
}

/// <summary>What the case study says of caches, and what was measured.</summary>
/// <param name="Of">The figure it is about.</param>
/// <param name="Held">The measured effect reaches the claimed one.</param>
internal sealed record CacheClaim(CacheMeasure Of, string Claimed, bool Held)
{
    public string Name => Of.Name;

    public string Measured => Of.Effect;
}

/// <summary>The mix with caches off and on, all rounds; its figures are medians over them.</summary>
internal sealed record CacheEffect(IReadOnlyList<MixRound> Rounds)
{
    private const double SavedClaimed = 0.90;
    private const double TimesClaimed = 10;

    public double QueriesSaved => Saved(run => run.StatementsPerSecond);

    public double DatabaseCpuSaved => Saved(run => run.DatabaseCores);

    public double ResponseTimesP50 => Faster(latency => latency.P50);

    public double ResponseTimesP95 => Faster(latency => latency.P95);

    public double ThroughputTimes => Times(On(pair => pair.AtMost.PerSecond), Off(pair => pair.AtMost.PerSecond));

    public double Rate => Rounds[0].Off.AtRate.Rate!.Value;

    /// <summary>The common rate was held by both, or nothing can be said of response times.</summary>
    public bool RateHeld => Rounds.All(round => IsHeld(round.Off.AtRate) && IsHeld(round.On.AtRate));

    public IReadOnlyList<CacheMeasure> Measures =>
        [.. Claims.Select(claim => claim.Of).Take(4), Quicker("response time, P99", latency => latency.P99), Throughput];

    public IReadOnlyList<CacheClaim> Claims =>
        [
            SavedClaim(Less("database queries", "/s", run => run.StatementsPerSecond), QueriesSaved),
            SavedClaim(Less("database processor time", "cores", run => run.DatabaseCores), DatabaseCpuSaved),
            // Where a side could not hold the rate, its answers waited in a queue: no cache has to do with that.
            TimesClaim(Quicker("response time, P50", latency => latency.P50), RateHeld ? ResponseTimesP50 : 0),
            TimesClaim(Quicker("response time, P95", latency => latency.P95), RateHeld ? ResponseTimesP95 : 0),
            TimesClaim(Throughput, ThroughputTimes),
        ];

    /// <summary>Of the side with caches at the common rate, by kind; absent where nothing was counted.</summary>
    public IReadOnlyDictionary<string, double> HitRates =>
        Rounds
            .SelectMany(round => round.On.AtRate.HitRates)
            .GroupBy(rate => rate.Key)
            .ToDictionary(kind => kind.Key, kind => Flatness.Median(kind.Select(rate => rate.Value)));

    [JsonIgnore]
    public IEnumerable<ReadsRun> Runs =>
        Rounds.SelectMany(round => (ReadsRun[])[round.Off.AtRate, round.Off.AtMost, round.On.AtRate, round.On.AtMost]);

    public double Off(Func<MixPair, double> value) => Flatness.Median(Rounds.Select(round => value(round.Off)));

    public double On(Func<MixPair, double> value) => Flatness.Median(Rounds.Select(round => value(round.On)));

    public static string SavedText(double saved) => Invariant($"{(saved >= 0 ? "−" : "+")}{Math.Abs(saved) * 100:0} %");

    public static string TimesText(double times) => Invariant($"{times:0.0}×");

    private CacheMeasure Throughput =>
        new(
            "requests at saturation",
            "/s",
            Off(pair => pair.AtMost.PerSecond),
            On(pair => pair.AtMost.PerSecond),
            TimesText(ThroughputTimes)
        );

    private static CacheClaim SavedClaim(CacheMeasure of, double saved) => new(of, SavedText(SavedClaimed), saved >= SavedClaimed);

    private static CacheClaim TimesClaim(CacheMeasure of, double times) => new(of, TimesText(TimesClaimed), times >= TimesClaimed);

    private static bool IsHeld(ReadsRun run) => run.PerSecond >= run.Rate * 0.99;

    private static double Times(double value, double of) => of > 0 ? value / of : 0;

    private double Saved(Func<ReadsRun, double> value) =>
        Off(pair => value(pair.AtRate)) is var off and > 0 ? 1 - On(pair => value(pair.AtRate)) / off : 0;

    private double Faster(Func<LatencyReport, double> value) =>
        Times(Off(pair => value(pair.AtRate.LatencyMs)), On(pair => value(pair.AtRate.LatencyMs)));

    private CacheMeasure Less(string name, string unit, Func<ReadsRun, double> value) =>
        new(name, unit, Off(pair => value(pair.AtRate)), On(pair => value(pair.AtRate)), SavedText(Saved(value)));

    private CacheMeasure Quicker(string name, Func<LatencyReport, double> value) =>
        new(name, "ms", Off(pair => value(pair.AtRate.LatencyMs)), On(pair => value(pair.AtRate.LatencyMs)), TimesText(Faster(value)));
}
