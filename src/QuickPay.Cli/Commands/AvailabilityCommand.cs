using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using QuickPay.Cli.Drills;
using QuickPay.Cli.Drills.Runs;
using Spectre.Console;

namespace QuickPay.Cli.Commands;

/// <summary>`availability`: what the drills' recovery times and a stated failure rate make of a month.</summary>
internal static class AvailabilityCommand
{
    public static Command Create()
    {
        var data = SharedOptions.Data();
        var json = SharedOptions.Json();
        var command = new Command(
            "availability",
            "What the recovery times that drills measured, and an assumed failure rate, make of a month. Exit code 0 when 99.99 % and the mean "
                + "time to repair hold, 1 when they do not or a kind of failure was never measured"
        )
        {
            data,
            json,
        };
        command.SetAction(parsed =>
        {
            var folder = DrillCommand.ReportsIn(SharedOptions.DataFolderFrom(parsed.GetValue(data)));
            var kinds = FailureRate.Defaults.Select(rate => rate.Kind).ToHashSet();
            var results = DrillReport.ReadAll(folder).Where(result => result.Held && kinds.Contains(KindOf(result))).ToList();
            // A promise that held has an end.
            var measured = results.Select(result => new MeasuredRecovery(
                KindOf(result),
                TimeSpan.FromSeconds(result.OutageSeconds!.Value),
                result.ShareAffected
            ));
            var availability = Availability.Of(measured, FailureRate.Defaults);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(availability, AvailabilityJson.Default.Availability));
            else
                Show(availability, results.Count, folder);
            return availability.KeepsThePromise ? 0 : 1;
        });
        return command;
    }

    private static void Show(Availability availability, int reports, string folder)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("failure", "a year", "outage", "share", "a month", "why so often");
        foreach (var line in availability.Lines)
            table.AddRow(
                line.Kind,
                Invariant($"{line.PerYear:0.##}"),
                Invariant($"{line.Outage.TotalSeconds:0.0} s"),
                Invariant($"{line.ShareAffected:P0}"),
                Invariant($"{line.DowntimeAMonth.TotalSeconds:0.0} s"),
                Markup.Escape(line.Reason)
            );
        Terminal.Output.Write(table);
        Terminal.Output.WriteLine($"From {reports} reports whose promises all held in {folder}; of several of a kind, the worst counts.");
        if (availability.NotMeasured.Count > 0)
            Terminal.Output.MarkupLineInterpolated(
                $"[red]Never measured: {string.Join(", ", availability.NotMeasured)}[/] (./quickpay drill all)"
            );
        Terminal.Output.WriteLine(
            Invariant(
                $"Downtime a month {availability.DowntimeAMonth.TotalSeconds:0.0} s of {Availability.BudgetAMonth.TotalSeconds:0} s; "
            )
                + Invariant(
                    $"availability {availability.Share:P4}; mean time to repair {availability.MeanTimeToRepair.TotalSeconds:0.0} s "
                )
                + Invariant($"of {Availability.PromisedMeanTimeToRepair.TotalSeconds:0} s")
        );
    }

    /// <summary>Two ways to lose the database are one kind of failure.</summary>
    private static string KindOf(DrillResult result) => result.Name == "database-partition" ? "database" : result.Name;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Availability))]
internal sealed partial class AvailabilityJson : JsonSerializerContext;
