using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>Nobody can be elected any more: the primary goes on, since it reaches every node that could have been.</summary>
internal static class EtcdDrill
{
    // Longer than the lock that can no longer be renewed.
    private static readonly TimeSpan WithoutMajority = TimeSpan.FromSeconds(20);

    public static Drill Create() =>
        new(
            "etcd",
            "kill -9 of two of the three etcd servers, which come back later: the primary goes on",
            TimeSpan.FromSeconds(30),
            TimeSpan.FromSeconds(3),
            RunAsync
        )
        {
            AnswersEveryMember = true,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var before = (await stage.PrimaryAsync(cancellationToken)).NodeName;
        var lost = stage.Stack.Postgres.Etcd.Skip(1).ToList();
        stage.Fault($"kill -9 of {string.Join(" and ", lost.Select(server => server.Name))}");
        foreach (var server in lost)
        {
            stage.Stack.HoldDown(server);
            server.Process!.TrySignal(Signal.Kill);
        }
        await stage.FlowAsync(WithoutMajority, cancellationToken);
        var after = (await stage.Stack.Postgres.ViewAsync(cancellationToken)).Primary?.Name;
        stage.Judge("The primary goes on", after == before, after ?? "nobody is primary");
        stage.Note($"{string.Join(" and ", lost.Select(server => server.Name))} come back");
        foreach (var server in lost)
            stage.Stack.BringBack(server);
        await stage.UntilRecoveredAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }
}
