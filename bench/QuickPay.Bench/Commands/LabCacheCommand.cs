using QuickPay.Bench.Reads;
using QuickPay.Bench.Report;
using QuickPay.Cli.Commands;
using QuickPay.Cli.Local;

namespace QuickPay.Bench.Commands;

/// <summary>`./quickpay lab cache`.</summary>
internal sealed class LabCacheCommand(BenchConsole console, TimeProvider clock)
{
    public Task<int> RunAsync(DataFolder data, ulong seed, bool json, CancellationToken cancellationToken) =>
        LabCommand.RunAsync(
            json,
            async report =>
            {
                var (effect, folder) = await new CacheLab(report, console, clock).RunAsync(data, seed, cancellationToken);
                if (!json)
                {
                    console.Line("");
                    ReadsVerdict.Write(console, effect);
                    console.Line($"Chart and figures: {folder}");
                }
            }
        );
}
