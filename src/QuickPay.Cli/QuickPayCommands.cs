using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using QuickPay.Cli.Commands;
using QuickPay.Cli.Local;

namespace QuickPay.Cli;

/// <summary>`./quickpay …`. Exit codes: 0 = held, 1 = a promise or test broken, 2 = usage or environment.</summary>
internal static class QuickPayCommands
{
    public static async Task<int> RunAsync(string[] args, TimeProvider clock)
    {
        using var interruption = new Interruption();
        try
        {
            if (args is ["bench", .. var benchArguments])
                return BenchCommand.Become(benchArguments);
            var parsed = Create(clock).Parse(args.Length == 0 ? ["--help"] : args);
            // What was wrong, alone: below a page of help nobody would see it.
            if (parsed.Action is ParseErrorAction wrong)
                wrong.ShowHelp = false;
            var exitCode = await parsed.InvokeAsync(
                // Signals are ours to handle, exceptions too.
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                interruption.Token
            );
            return parsed.Action is ParseErrorAction ? 2 : exitCode;
        }
        catch (LocalException problem)
        {
            await Console.Error.WriteLineAsync($"quickpay: {problem.Message}");
            return 2;
        }
        catch (UnauthorizedAccessException denied)
        {
            await Console.Error.WriteLineAsync(
                $"quickpay: {denied.Message} It belongs to another user: run this as the one who started it."
            );
            return 2;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("quickpay: interrupted; everything it had started is stopped");
            return 1;
        }
        catch (StartFailedException failure)
        {
            await Console.Error.WriteLineAsync($"quickpay: {failure.Message}");
            return 1;
        }
        catch (Exception bug)
        {
            await Console.Error.WriteLineAsync($"quickpay: {bug}");
            return 1;
        }
    }

    // A plain command, since a RootCommand takes the name of the assembly; people type ./quickpay.
    private static Command Create(TimeProvider clock) =>
        new(
            "./quickpay",
            "QuickPay on one machine: run it, test it, measure it. Exit codes: 0 held, 1 a promise or test broken, 2 usage or environment."
        )
        {
            new HelpOption(),
            UpCommand.Create(clock),
            StatusCommand.Create(clock),
            TestCommand.Create(),
            BenchCommand.Create(),
            LabCommand.Create(clock),
            DrillCommand.Create(clock),
            AvailabilityCommand.Create(),
            CostCommand.Create(),
            SchemaCommand.Create(clock),
            PsqlCommand.Create(),
            OperatorCommand.Create(clock),
            AwsCommand.Create(),
        };
}
