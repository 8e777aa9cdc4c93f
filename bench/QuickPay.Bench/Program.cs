using QuickPay.Bench;
using QuickPay.Bench.Commands;
using QuickPay.Bench.Report;
using QuickPay.Cli.Local;

var console = BenchConsole.System();
try
{
    if (!Machine.IsOptimized)
    {
        console.Step("Built without optimization: good for trying it, the figures mean nothing.");
    }

    return await new CommandLine(console, TimeProvider.System).RunAsync(args);
}
catch (OperationCanceledException)
{
    console.Step("Stopped.");
    return 2;
}
catch (Exception e) when (e is BenchException or LocalException or HttpRequestException or IOException)
{
    console.Step(e.Message);
    return 2;
}
catch (StartFailedException e)
{
    console.Step(e.Message);
    return 1;
}
