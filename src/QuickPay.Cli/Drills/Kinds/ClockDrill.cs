using System.Text.Json;
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
        try
        {
            if (!await RestartAsync())
                throw new StartFailedException($"{server.Name} does not start with a clock that can be moved.");
            var process = server.Process;
            await JumpAsync(Jump, "ahead");
            await JumpAsync(-Jump, "back");
            stage.Judge("It does not end of it", server.Process == process && !process!.Exited.IsCompleted, server.Name);
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
            var jumped = stage.Traffic.Elapsed;
            clock.Move(by);
            var isOut = await stage.UntilAsync(async () => await EdgesSayAsync("unhealthy"), Patience, cancellationToken);
            var after = stage.Traffic.Elapsed - jumped;
            stage.Judge(
                $"An hour {direction}, it says so and every edge takes it out",
                isOut,
                isOut ? $"after {DrillJudge.Seconds(after)}" : "it goes on"
            );
            await stage.FlowAsync(Meanwhile, cancellationToken);
            stage.Note($"the clock of {server.Name} is right again");
            clock.Move(TimeSpan.Zero);
            var back = await stage.UntilAsync(async () => await EdgesSayAsync("healthy"), Patience, cancellationToken);
            stage.Judge($"Back from an hour {direction}, it gets requests again", back, back ? "from every edge" : "not from every edge");
        }

        async Task<bool> EdgesSayAsync(string health)
        {
            foreach (var edge in stage.Stack.Hosts.Where(host => host.Role == "edge"))
            {
                var page = await HealthProbe.TryReadAsync($"{edge.HealthUrl}/servers", rootCertificate: "", cancellationToken);
                if (page is null || !IsIn(JsonElement.Parse(page).GetProperty("servers"), health))
                    return false;
            }
            return true;
        }

        bool IsIn(JsonElement servers, string health) =>
            servers
                .EnumerateArray()
                .Any(one => one.GetProperty("id").GetString() == server.Name && one.GetProperty("health").GetString() == health);

        async Task<bool> RestartAsync()
        {
            stage.Stack.HoldDown(server);
            await server.StopAsync();
            stage.Stack.BringBack(server);
            return await stage.UntilAsync(() => server.IsReadyAsync(cancellationToken), Patience, cancellationToken);
        }
    }
}
