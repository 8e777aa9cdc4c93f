using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>
/// One API server's clock jumps, far enough that good tokens look expired to it, or not valid yet. It must notice, and members must not:
/// neither by their money nor by their sessions.
/// </summary>
internal static class ClockDrill
{
    private static readonly TimeSpan Jump = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Meanwhile = TimeSpan.FromSeconds(5);

    public static Drill Create() =>
        new(
            "clock",
            "the clock of one API server jumps an hour ahead, and later an hour back",
            TimeSpan.FromSeconds(30),
            TimeSpan.FromSeconds(3),
            RunAsync
        )
        {
            AnswersEveryMember = true,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var server = stage.Stack.Hosts.First(host => host.Role == "api");
        var clock = new MovableClock(Path.Combine(stage.Stack.Data.Settings, $"{server.Name}.clock"));
        server.WallClock = clock;
        await RestartAsync();
        try
        {
            await JumpAsync(Jump, "ahead");
            await JumpAsync(-Jump, "back");
        }
        finally
        {
            server.WallClock = null;
        }
        await RestartAsync();
        await stage.UntilRecoveredAsync(Patience, cancellationToken);

        async Task JumpAsync(TimeSpan by, string direction)
        {
            stage.Fault($"the clock of {server.Name} jumps an hour {direction}");
            clock.Move(by);
            var noticed = await stage.UntilAsync(async () => !await server.IsReadyAsync(cancellationToken), Patience, cancellationToken);
            stage.Judge(
                $"It notices that its clock is an hour {direction}, and takes itself out",
                noticed,
                noticed ? "not ready" : "still ready"
            );
            await stage.FlowAsync(Meanwhile, cancellationToken);
            stage.Note($"the clock of {server.Name} is right again");
            clock.Move(TimeSpan.Zero);
            var back = await stage.UntilAsync(() => server.IsReadyAsync(cancellationToken), Patience, cancellationToken);
            stage.Judge($"It comes back from an hour {direction}", back, back ? "ready" : "not ready");
        }

        async Task RestartAsync()
        {
            stage.Stack.HoldDown(server);
            await server.StopAsync();
            stage.Stack.BringBack(server);
            await stage.UntilAsync(() => server.IsReadyAsync(cancellationToken), Patience, cancellationToken);
        }
    }
}
