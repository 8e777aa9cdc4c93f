using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>Nobody can become primary of Redis for a minute: money goes on, since sessions seen lately are honoured from memory.</summary>
internal static class RedisAwayDrill
{
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(1);

    // What was answered before may be on its way to its member.
    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(30);
    private const int LogInsEnough = 6;

    // One in a hundred is a log-in.
    private const double AnsweredShare = 0.95;

    public static Drill Create() =>
        new(
            "redis-away",
            "kill -9 of Redis's primary and of two sentinels, which come back after a minute: nobody can be promoted",
            TimeSpan.FromSeconds(30),
            TimeSpan.FromSeconds(5),
            RunAsync
        );

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var redis = stage.Stack.Redis;
        var primary =
            await redis.FindPrimaryAsync(cancellationToken) ?? throw new InvalidOperationException("Redis has no primary to begin with.");
        List<ILocalServer> lost = [primary, .. redis.Sentinels.Take(2)];
        var epoch = redis.Epoch;
        var names = string.Join(", ", lost.Select(server => server.Name));
        stage.Fault($"kill -9 of {names}");
        foreach (var server in lost)
        {
            stage.Stack.HoldDown(server);
            server.Process!.TrySignal(Signal.Kill);
        }
        await stage.FlowAsync(OnTheWay, cancellationToken);
        var before = stage.Traffic.Pulse;
        await stage.FlowAsync(Away - OnTheWay, cancellationToken);
        var after = stage.Traffic.Pulse;
        stage.Judge("Redis was away: nobody could log in", after.LogIns == before.LogIns, $"{after.LogIns - before.LogIns} log-ins");
        var answered = after.Acknowledged - before.Acknowledged;
        var due = (long)(stage.Rate * (Away - OnTheWay).TotalSeconds);
        stage.Judge("Transfers and reads went on from memory", answered >= due * AnsweredShare, $"{answered:N0} of {due:N0} that were due");
        stage.Judge("Nobody was promoted meanwhile", redis.Epoch == epoch, $"promotion {redis.Epoch}");
        stage.Note($"{names} come back");
        var logIns = stage.Traffic.Pulse.LogIns;
        foreach (var server in lost)
            stage.Stack.BringBack(server);
        var again = await stage.UntilAsync(
            () => Task.FromResult(stage.Traffic.Pulse.LogIns >= logIns + LogInsEnough),
            Back,
            cancellationToken
        );
        stage.Judge("Members can log in again", again, $"{stage.Traffic.Pulse.LogIns - logIns} log-ins");
        await stage.UntilRecoveredAsync(Back, cancellationToken);
    }
}
