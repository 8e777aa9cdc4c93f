using System.CommandLine;
using QuickPay.Cli.Lab;
using Spectre.Console;

namespace QuickPay.Cli.Commands;

/// <summary>`lab …`: guided runs that show a promise step by step.</summary>
internal static class LabCommand
{
    public static Command Create(TimeProvider clock) =>
        new("lab", "Guided runs: what is promised, looked at step by step") { ThreeTier(clock) };

    private static Command ThreeTier(TimeProvider clock)
    {
        var json = SharedOptions.Json();
        var command = new Command(
            "three-tier",
            "Edge, API, PostgreSQL and Redis: each looked at from the one before and knocked at from elsewhere; then one transfer followed "
                + "through all of them. On a stack of its own beside yours, which is gone afterwards. Exit code 0 when every step held, else 1"
        )
        {
            json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(json), clock, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool json, TimeProvider clock, CancellationToken cancellationToken)
    {
        var report = new LabReport(json ? Terminal.Errors : Terminal.Output);
        await ThreeTierLab.RunAsync(report, Terminal.Say, clock, cancellationToken);
        if (json)
            await Console.Out.WriteLineAsync(report.Json());
        else
            Terminal.Output.MarkupLineInterpolated($"\n{report.Steps.Count(step => step.Held)} of {report.Steps.Count} steps held");
        return report.ExitCode;
    }
}
