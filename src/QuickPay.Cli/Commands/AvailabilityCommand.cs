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
            var results = DrillReport.ReadAll(folder).Where(result => kinds.Contains(KindOf(result))).ToList();
            var endless = results.Where(result => result.OutageSeconds is null).Select(KindOf).Distinct().ToList();
            // A kind that once did not recover by itself has no recovery time.
            var measured = results
                .Where(result => !endless.Contains(KindOf(result)))
                .Select(result => new MeasuredRecovery(
                    KindOf(result),
                    TimeSpan.FromSeconds(result.OutageSeconds!.Value),
                    result.ShareAffected
                ));
            var availability = Availability.Of(measured, FailureRate.Defaults);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(availability, AvailabilityJson.Default.Availability));
            else
                Show(availability, results, folder);
            return availability.KeepsThePromise ? 0 : 1;
        });
        return command;
    }

    private static void Show(Availability availability, List<DrillResult> results, string folder)
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
        Terminal.Output.WriteLine(
            $"From {results.Count} reports in {folder}, {results.Count(result => !result.Held)} of them with a broken promise; of several of a kind, the worst counts."
        );
        if (availability.NotMeasured.Count > 0)
            Terminal.Output.MarkupLineInterpolated(
                $"[red]Never measured, or did not recover: {string.Join(", ", availability.NotMeasured)}[/] (./quickpay drill all)"
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

    /// <summary>Several ways to lose the database, or a zone, are one kind of failure.</summary>
    private static string KindOf(DrillResult result) =>
        result.Name switch
        {
            "database-partition" or "database-frozen" => "database",
            "zone-standby" => "zone",
            var name => name,
        };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Availability))]
internal sealed partial class AvailabilityJson : JsonSerializerContext;
