using QuickPay.Bench;
using QuickPay.Bench.Commands;
using QuickPay.Bench.Report;
using QuickPay.Cli;
using QuickPay.Cli.Local;

var console = BenchConsole.System();
using var interruption = new Interruption();
try
{
    if (!Machine.IsOptimized)
    {
        console.Step("Built without optimization: good for trying it, the figures mean nothing.");
    }

    return await new CommandLine(console, TimeProvider.System).RunAsync(args, interruption.Token);
}
catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
{
    console.Step("bench: interrupted; everything it had started is stopped");
    return 1;
}
catch (Exception e) when (e is BenchException or LocalException)
{
    console.Step($"bench: {e.Message}");
    return 2;
}
catch (StartFailedException e)
{
    console.Step($"bench: {e.Message}");
    return 1;
}
catch (Exception bug)
{
    console.Step($"bench: {bug}");
    return 1;
}
