using QuickPay.Bench.Load;
using QuickPay.Bench.Report;
using static System.FormattableString;

namespace QuickPay.Bench.Reads;

/// <summary>The order in which both sides are measured.</summary>
internal sealed class ReadsBench(ReadsStage stage, ReadsOptions options, BenchConsole console)
{
    private const int WarmupSeconds = 4;
    private const int TrySeconds = 2;
    private const int CeilingRounds = 3;

    private static readonly int[] ConnectionCandidates = [64, 128, 256];

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
        // The same for all three, so that their ratios say something.
        var (connections, _) = await BestAsync(stage.On, Balances, cancellationToken);
        List<CeilingRound> rounds = [];
        for (var round = 1; round <= CeilingRounds; round++)
        {
            console.Step(Invariant($"Ceilings, round {round} of {CeilingRounds}: an empty answer, balances, first pages"));
            rounds.Add(new CeilingRound(await OneAsync(Empty), await OneAsync(Balances), await OneAsync(Pages)));
        }

        return new Ceilings(rounds);

        async Task<CeilingRun> OneAsync(LoadMix mix) =>
            new(
                await stage.RunAsync(stage.On, mix, rate: null, cancellationToken, connections, seconds),
                await stage.RunAsync(stage.On, mix, rate: null, cancellationToken, connections: 1, seconds: seconds)
            );
    }

    public async Task<CacheEffect> EffectAsync(CancellationToken cancellationToken)
    {
        var (offConnections, most) = await BestAsync(stage.Off, LoadMix.Members, cancellationToken);
        var (onConnections, _) = await BestAsync(stage.On, LoadMix.Members, cancellationToken);
        var rate = options.Rate ?? Math.Max(10, Math.Floor(most * RateShare / 100) * 100);
        List<MixRound> rounds = [];
        for (var round = 1; round <= options.Rounds; round++)
        {
            console.Step(Invariant($"The mix, round {round} of {options.Rounds}: caches off, then on, at {rate:N0}/s and at saturation"));
            rounds.Add(new MixRound(await PairAsync(stage.Off, offConnections), await PairAsync(stage.On, onConnections)));
        }

        return new CacheEffect(rounds);

        async Task<MixPair> PairAsync(CacheSide side, int connections) =>
            new(
                await stage.RunAsync(side, LoadMix.Members, rate, cancellationToken),
                await stage.RunAsync(side, LoadMix.Members, rate: null, cancellationToken, connections)
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

    /// <summary>Each side at its own best concurrency, tried briefly; with it what was reached there.</summary>
    private async Task<(int Connections, double PerSecond)> BestAsync(CacheSide side, LoadMix mix, CancellationToken cancellationToken)
    {
        var best = (Connections: 0, PerSecond: -1.0);
        foreach (var connections in options.Connections is { } given ? [given] : ConnectionCandidates)
        {
            var run = await stage.RunAsync(side, mix, rate: null, cancellationToken, connections, TrySeconds);
            console.Step(Invariant($"{mix.Name}, caches {side.Name}: {connections} connections give {run.PerSecond:N0}/s"));
            if (run.PerSecond > best.PerSecond)
            {
                best = (connections, run.PerSecond);
            }
        }

        return best;
    }
}
