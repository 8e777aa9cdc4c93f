using System.Globalization;
using Spectre.Console;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>A drill's result for people.</summary>
internal static class DrillTable
{
    public static void Show(IAnsiConsole console, DrillResult result)
    {
        console.WriteLine();
        if (result.Report is { } folder)
            console.WriteLine(File.ReadAllText(Path.Combine(folder, "timeline.txt")));
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "promise", "seen");
        foreach (var promise in result.Promises)
            table.AddRow(
                promise.Held
                    ? promise.MeetsGoal == false
                        ? "[yellow]✓[/]"
                        : "[green]✓[/]"
                    : "[red]✗[/]",
                Markup.Escape(promise.Text),
                Markup.Escape(promise.MeetsGoal == false ? $"{promise.Seen} (goal missed)" : promise.Seen)
            );
        console.Write(table);
        console.MarkupLineInterpolated(
            $"transfers before {result.Before.P50Ms:0} / {result.Before.P99Ms:0} ms, during {result.During.P50Ms:0} / {result.During.P99Ms:0} ms, after {result.After.P50Ms:0} / {result.After.P99Ms:0} ms (P50 / P99)"
        );
        if (result.Errors.Count > 0)
            console.MarkupLineInterpolated(
                $"answers that were no success: {string.Join(", ", result.Errors.Select(error => $"{error.Key} {error.Value.ToString(CultureInfo.InvariantCulture)}"))}"
            );
        console.MarkupLineInterpolated(
            $"[bold]{result.Name}: {(result.Held ? "every promise held" : "a promise is broken")}[/]; report in {result.Report}"
        );
    }

    public static void ShowAll(IAnsiConsole console, IReadOnlyList<DrillResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("drill", "stood still", "promise", "goal", "held");
        foreach (var result in results)
            table.AddRow(
                result.Name,
                result.OutageSeconds is { } outage ? Seconds(outage) : "to the end",
                Seconds(result.PromiseSeconds),
                Seconds(result.GoalSeconds),
                result.Held ? "[green]yes[/]" : "[red]no[/]"
            );
        console.WriteLine();
        console.Write(table);

        static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
    }
}
