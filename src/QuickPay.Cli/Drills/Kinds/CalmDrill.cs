using System.Globalization;
using QuickPay.Cli.Drills.Runs;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>Nothing is broken: the short times by which nodes are given up must not cost a failover by themselves.</summary>
internal static class CalmDrill
{
    public static Drill Create(TimeSpan time) =>
        new(
            "calm",
            string.Create(CultureInfo.InvariantCulture, $"nothing, for {time.TotalMinutes:0.#} minutes: nobody may be replaced"),
            TimeSpan.FromSeconds(3),
            TimeSpan.FromSeconds(1),
            (stage, cancellationToken) => RunAsync(stage, time, cancellationToken)
        );

    private static async Task RunAsync(DrillStage stage, TimeSpan time, CancellationToken cancellationToken)
    {
        var before = await stage.Stack.Postgres.ViewAsync(cancellationToken);
        var redis = await stage.Stack.Redis.FindPrimaryAsync(cancellationToken);
        var epoch = stage.Stack.Redis.Epoch;
        stage.Fault("nothing is broken from here on");
        await stage.FlowAsync(time, cancellationToken);
        var after = await stage.Stack.Postgres.ViewAsync(cancellationToken);
        stage.Judge(
            "Nobody was replaced",
            before.Primary is not null
                && redis is not null
                && (after.Primary?.Name, after.Primary?.Timeline) == (before.Primary?.Name, before.Primary?.Timeline)
                && await stage.Stack.Redis.FindPrimaryAsync(cancellationToken) == redis
                && stage.Stack.Redis.Epoch == epoch,
            $"{after.Primary?.Name}, timeline {after.Primary?.Timeline}; {redis?.Name}, epoch {stage.Stack.Redis.Epoch}"
        );
    }
}
