using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>The primary of Redis is gone; sessions live there, money does not.</summary>
internal static class RedisDrill
{
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
        await stage.UntilRecoveredAsync(TimeSpan.FromSeconds(30), cancellationToken);
        await stage.FlowAsync(TimeSpan.FromSeconds(5), cancellationToken);
        stage.Note($"{lost.Name} comes back");
        stage.Stack.BringBack(lost);
    }
}
