using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Drills.Traffic;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>The primary of Redis is gone; sessions live there, money does not.</summary>
internal static class RedisDrill
{
    private const int Bystanders = 6;
    private const int LogInsEnough = 6;

    public static Drill Create() =>
        new("redis", "kill -9 of Redis's primary, which comes back later", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), RunAsync)
        {
            Measures = OperationKind.LogIn,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var lost =
            await stage.Stack.Redis.FindPrimaryAsync(cancellationToken)
            ?? throw new InvalidOperationException("Redis has no primary to begin with.");
        using var bystanders = await stage.JoinAsync(Bystanders, cancellationToken);
        var sessions = await LastSessions.OpenAsync(bystanders, cancellationToken);
        stage.Stack.HoldDown(lost);
        stage.Fault($"kill -9 of {lost.Name}, the primary of Redis");
        await lost.KillAsync();
        RedisServer? next = null;
        var promoted = await stage.UntilAsync(
            async () => (next = await stage.Stack.Redis.FindPrimaryAsync(cancellationToken)) is { } found && found != lost,
            TimeSpan.FromSeconds(30),
            cancellationToken
        );
        if (promoted)
            stage.Note($"{next!.Name} is primary of Redis");
        stage.Judge("The sentinels make a replica primary", promoted, promoted ? next!.Name : "nobody");
        // Before the lost one is back: without it.
        var before = stage.Traffic.Pulse.LogIns;
        var logIns = await stage.UntilAsync(
            () => Task.FromResult(stage.Traffic.Pulse.LogIns >= before + LogInsEnough),
            TimeSpan.FromSeconds(30),
            cancellationToken
        );
        stage.Judge("Members log in without the lost one", logIns, $"{stage.Traffic.Pulse.LogIns - before} log-ins");
        var broken = await sessions.BrokenAsync(cancellationToken);
        stage.Judge(
            "Log-ins and log-outs of the last moment hold",
            broken.Count == 0,
            broken.Count == 0 ? $"{Bystanders} sessions, half of them ended" : string.Join("; ", broken)
        );
        stage.Note($"{lost.Name} comes back");
        stage.Stack.BringBack(lost);
    }
}
