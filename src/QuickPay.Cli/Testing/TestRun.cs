using System.Diagnostics;
using QuickPay.Cli.Local;
using Spectre.Console;

namespace QuickPay.Cli.Testing;

/// <summary>Runs one built test project (xunit v3: a test project is a program) and follows what it reports.</summary>
internal static class TestRun
{
    private const string Slow = "Category=slow";
    private const int LastWords = 30;

    /// <summary>What to tell the runner; see its --help for the words.</summary>
    public static List<string> ArgumentsFor(IReadOnlyList<string> filter, bool all) =>
        ["-reporter", "json", "-noColor", "-noLogo", "-noAutoReporters", .. filter, .. all ? (string[])[] : ["-trait-", Slow]];

    public static async Task<TestCounts> RunAsync(string project, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        // A session of its own, as for servers: Ctrl-C reaches us, and we ask it to stop in order.
        List<string> command =
        [
            .. ChildProcess.Confine(user: null, Signal.Terminate),
            Programs.DotNet,
            Programs.Find(project),
            .. arguments,
        ];
        var info = new ProcessStartInfo("setsid", command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Of what tests start most is over before the compiler has learned anything from watching it, and watching costs.
            Environment = { ["DOTNET_TieredPGO"] = "0" },
        };
        using var process = await ChildProcess.LaunchAsync(info);
        process.StandardInput.Close();
        // The runner takes SIGINT as "finish the tests that run, clean up, report".
        await using var onCancel = cancellationToken.Register(() => Native.TrySignal(process.Id, Signal.Interrupt));

        var report = new TestReport();
        var lastWords = new Queue<string>();
        await Task.WhenAll(FollowAsync(), ListenAsync());
        await process.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode == 0 || report.Counts.Failed > 0)
            return report.Counts;

        Terminal.Errors.MarkupLineInterpolated($"[red]{project} ended with exit code {process.ExitCode}[/]");
        foreach (var line in lastWords)
            Terminal.Errors.WriteLine($"    {line}");
        return report.Counts + new TestCounts(0, 1, 0);

        async Task FollowAsync()
        {
            while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
                if (!report.TryTake(line))
                    Remember(line);
        }

        async Task ListenAsync()
        {
            while (await process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
                Remember(line);
        }

        void Remember(string line)
        {
            lock (lastWords)
            {
                lastWords.Enqueue(line);
                if (lastWords.Count > LastWords)
                    lastWords.Dequeue();
            }
        }
    }
}
