using System.CommandLine;
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
            var parsed = Create(clock).Parse(args);
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

    private static RootCommand Create(TimeProvider clock) =>
        new("QuickPay on one machine: run it, test it, measure it. Exit codes: 0 held, 1 a promise or test broken, 2 usage or environment.")
        {
            UpCommand.Create(clock),
            StatusCommand.Create(clock),
            TestCommand.Create(),
            BenchCommand.Create(),
            SchemaCommand.Create(clock),
            PsqlCommand.Create(),
        };
}
