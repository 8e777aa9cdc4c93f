using QuickPay.Cli.Drills.Runs;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>An API server dies in the middle of what it does.</summary>
internal static class ApiDrill
{
    private static readonly TimeSpan Down = TimeSpan.FromSeconds(8);

    public static Drill Create() =>
        new("api", "kill -9 of an API server, which stays away for a while", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), RunAsync)
        {
            AnswersEveryMember = true,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var server = stage.Stack.Hosts.First(host => host.Role == "api");
        stage.Stack.HoldDown(server);
        stage.Fault($"kill -9 of {server.Name}");
        await server.KillAsync();
        await stage.FlowAsync(Down, cancellationToken);
        stage.Note($"{server.Name} starts again");
        stage.Stack.BringBack(server);
        await stage.UntilRecoveredAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }
}
