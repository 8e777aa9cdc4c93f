using System.CommandLine;
using QuickPay.Cli.Testing;

namespace QuickPay.Cli.Commands;

/// <summary>`test [FILTER]`: both test projects. The last line of standard output is `N passed, N failed`.</summary>
internal static class TestCommand
{
    private static readonly string[] Projects = ["QuickPay.Tests", "QuickPay.IntegrationTests"];

    public static Command Create()
    {
        var filter = new Argument<string?>("FILTER")
        {
            Description =
                "Only the tests of a folder below tests/* (edge, ledger, edge/limits …); where there is no such folder, those whose full name "
                + "contains this, words or part of one; or those with a trait, as NAME=VALUE. Case does not matter",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "Also the slow ones (trait Category=slow)" };
        var command = new Command("test", "Run the tests against a real PostgreSQL and Redis") { filter, all };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(filter), parsed.GetValue(all), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? filter, bool all, CancellationToken cancellationToken)
    {
        var counts = new TestCounts();
        foreach (var project in Projects)
            if (TestFilter.For(project, filter, Projects) is { } selected)
                counts += await TestRun.RunAsync(project, TestRun.ArgumentsFor(selected, all), cancellationToken);

        if (counts.Total == 0)
            Terminal.Say(
                $"No test {(filter is null ? "ran" : $"matches '{filter}'")}{(all ? "" : ". The slow ones run only with --all")}; that counts as a failure"
            );
        await Console.Out.WriteLineAsync(counts.ToString());
        // A skipped test proves nothing. Slow ones that were not asked for are not counted at all.
        return counts is { Total: > 0, Failed: 0, Skipped: 0 } ? 0 : 1;
    }
}
