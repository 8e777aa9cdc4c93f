using System.CommandLine;
using QuickPay.Cli.Lab;
using Spectre.Console;

namespace QuickPay.Cli.Commands;

/// <summary>`lab …`: guided runs that show a promise step by step.</summary>
internal static class LabCommand
{
    public static Command Create(TimeProvider clock) =>
        new("lab", "Guided runs: what is promised, looked at step by step")
        {
            ThreeTier(clock),
            MultiAz(clock),
            Cache(),
            LabScaleCommand.Create(clock),
        };

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
        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(parsed.GetValue(json), report => ThreeTierLab.RunAsync(report, Terminal.Say, clock, cancellationToken))
        );
        return command;
    }

    private static Command MultiAz(TimeProvider clock)
    {
        var json = SharedOptions.Json();
        var data = SharedOptions.Data();
        var command = new Command(
            "multi-az",
            "Three zones: built, looked at server by server, then the primary is lost under load and what members saw is judged. On a stack of its "
                + "own beside yours, which is gone afterwards. Exit code 0 when every step held, else 1"
        )
        {
            json,
            data,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var reports = DrillCommand.ReportsIn(SharedOptions.DataFolderFrom(parsed.GetValue(data)));
                return RunAsync(
                    parsed.GetValue(json),
                    report => MultiAzLab.RunAsync(report, reports, Terminal.Say, clock, cancellationToken)
                );
            }
        );
        return command;
    }

    private static Command Cache()
    {
        var json = SharedOptions.Json();
        var data = SharedOptions.Data();
        var command = new Command(
            "cache",
            "The same load with caches off and on, in turn: queries, response times, throughput, beside what the course claims (two minutes). On a "
                + "stack of its own beside yours, which is gone afterwards; the chart stays in .quickpay/labs. Exit code 0 when no answer was wrong and "
                + "the books hold, else 1"
        )
        {
            json,
            data,
        };
        command.SetAction(parsed =>
        {
            List<string> arguments = ["lab-cache"];
            if (parsed.GetValue(json))
                arguments.Add("--json");
            if (parsed.GetValue(data) is { } folder)
                arguments.AddRange(["--data", folder]);
            // The load generator is a program of its own.
            return BenchCommand.Become(arguments);
        });
        return command;
    }

    internal static async Task<int> RunAsync(bool json, Func<LabReport, Task> run)
    {
        var report = new LabReport(json ? Terminal.Errors : Terminal.Output);
        await run(report);
        if (json)
            await Console.Out.WriteLineAsync(report.Json());
        else
        {
            var steps = report.Steps.Where(step => !step.IsClaim).ToList();
            Terminal.Output.MarkupLineInterpolated($"\n{steps.Count(step => step.Held)} of {steps.Count} steps held");
        }
        return report.ExitCode;
    }
}
