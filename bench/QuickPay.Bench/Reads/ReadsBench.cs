using QuickPay.Bench.Load;
using QuickPay.Bench.Report;
using static System.FormattableString;

namespace QuickPay.Bench.Reads;

/// <summary>The order in which both sides are measured.</summary>
internal sealed class ReadsBench(ReadsStage stage, ReadsOptions options, BenchConsole console)
{
    private const int WarmupSeconds = 4;
    private const int TrySeconds = 3;
    private const int CeilingRounds = 3;

    /// <summary>Of what the side without caches can do at most: both have room at that rate.</summary>
    private const double RateShare = 0.5;

    public static readonly LoadMix Empty = LoadMix.Only("empty", RequestKind.Empty);
    public static readonly LoadMix Balances = LoadMix.Only("balance", RequestKind.Balance);
    public static readonly LoadMix Pages = LoadMix.Only("page", RequestKind.FirstPage);

    /// <summary>Both sides alike, so that what follows meets compiled code and filled caches, where there are any.</summary>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        foreach (var side in (CacheSide[])[stage.Off, stage.On])
        {
            await stage.RunAsync(side, LoadMix.Members, rate: null, cancellationToken, seconds: WarmupSeconds);
        }
    }

    public async Task<Ceilings> CeilingsAsync(CancellationToken cancellationToken)
    {
        var seconds = Math.Max(2, options.Seconds / 2);
        List<CeilingRound> rounds = [];
        for (var round = 1; round <= CeilingRounds; round++)
        {
            console.Step(Invariant($"Ceilings, round {round} of {CeilingRounds}: an empty answer, balances, first pages"));
            rounds.Add(new CeilingRound(await OneAsync(Empty), await OneAsync(Balances), await OneAsync(Pages)));
        }

        return new Ceilings(rounds);

        async Task<CeilingRun> OneAsync(LoadMix mix) =>
            new(
                await stage.RunAsync(stage.On, mix, rate: null, cancellationToken, seconds: seconds),
                await stage.RunAsync(stage.On, mix, rate: null, cancellationToken, connections: 1, seconds: seconds)
            );
    }

    public async Task<CacheEffect> EffectAsync(CancellationToken cancellationToken)
    {
        var rate = options.Rate ?? await CommonRateAsync(cancellationToken);
        List<MixRound> rounds = [];
        for (var round = 1; round <= options.Rounds; round++)
        {
            console.Step(Invariant($"The mix, round {round} of {options.Rounds}: caches off, then on, at {rate:N0}/s and at saturation"));
            rounds.Add(new MixRound(await PairAsync(stage.Off), await PairAsync(stage.On)));
        }

        return new CacheEffect(rounds);

        async Task<MixPair> PairAsync(CacheSide side) =>
            new(
                await stage.RunAsync(side, LoadMix.Members, rate, cancellationToken),
                await stage.RunAsync(side, LoadMix.Members, rate: null, cancellationToken)
            );
    }

    /// <summary>One load alone, for looking at it closely.</summary>
    public async Task<IReadOnlyList<ReadsRun>> AloneAsync(LoadMix mix, CancellationToken cancellationToken)
    {
        List<ReadsRun> runs = [];
        for (var round = 1; round <= options.Rounds; round++)
        {
            runs.Add(await stage.RunAsync(stage.On, mix, options.Rate, cancellationToken));
        }

        return runs;
    }

    private async Task<double> CommonRateAsync(CancellationToken cancellationToken)
    {
        var most = await stage.RunAsync(stage.Off, LoadMix.Members, rate: null, cancellationToken, seconds: TrySeconds);
        var rate = Math.Max(10, Math.Floor(most.PerSecond * RateShare / 100) * 100);
        console.Step(Invariant($"Without caches {most.PerSecond:N0} requests/s are possible: both are compared at {rate:N0}/s"));
        return rate;
    }
}
