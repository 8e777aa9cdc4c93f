using System.Globalization;
using Spectre.Console;

namespace QuickPay.Cli.Cost;

/// <summary>The bill as people read it.</summary>
internal static class CostTables
{
    private const int Zones = 3;

    public static void Write(CostReport report, bool explain, IAnsiConsole console)
    {
        console.Write(ItemsOf(report));
        console.WriteLine(
            "No mark: public list price. * the case study's price, since the list price is not known here. ? assumed. "
                + $"Prices of {report.Region}, each dated in src/QuickPay.Cli/Cost/prices.{report.Region}.json; nobody asked AWS for them today."
        );
        console.Write(LinesOf(report));
        console.WriteLine(
            Invariant($"{report.Members:N0} members, {report.TransfersPerDay:N0} transfers a day ({report.TransfersPerMonth:N0} a month; ")
                + Invariant($"{report.AverageTps:0.##} a second on average, {report.PeakTps:N0} at the busiest): ")
                + Invariant($"{report.ApiServers:0.#} API servers on average ({Layout(report.ApiServers)} over the zones), ")
                + Invariant($"${report.PerMember:0.0000} a member, ${report.PerTransfer:0.00000000} a transfer, ")
                + Invariant($"${report.PerMillionTransfers:N2} a million transfers.")
        );
        if (report.Reserved is { } reserved)
            console.WriteLine(
                Invariant(
                    $"Reserved for {reserved.Term} at {reserved.Share:P0} off ({(reserved.Basis is PriceBasis.Assumed ? "assumed" : "the case study's")}) the servers that are always there: "
                )
                    + Invariant($"${reserved.Saving:N2} less, ${reserved.Total:N2} a month ({Share(reserved.Saving, report.Total)}). ")
                    + Invariant($"Of the case study's bill: ${reserved.CaseStudySaving:N2} less, ${reserved.CaseStudyTotal:N2} ")
                    + Invariant($"({Share(reserved.CaseStudySaving, report.CaseStudyTotal)}). Note: {reserved.Note}.")
            );
        foreach (var note in report.Notes)
            console.WriteLine($"! {note}");
        if (report.Curve is { } curve)
            WriteCurve(curve, console);
        if (explain)
            console.Write(AssumptionsOf(report));
        else
            console.WriteLine("What was assumed, with reasons: --explain.");
    }

    private static Table ItemsOf(CostReport report)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns("line", "what", "quantity", "of", "price", "$ a month", "case study");
        RightAlign(table, 2, 4, 5, 6);
        var group = "";
        foreach (var item in report.Items)
        {
            table.AddRow(
                Markup.Escape(item.Group == group ? "" : item.Group),
                Markup.Escape(item.Item),
                Invariant($"{item.Quantity:#,0.###}"),
                Markup.Escape(item.Unit),
                Invariant($"{item.Price:0.##########}{MarkOf(item.Basis)}"),
                Invariant($"{item.Amount:N2}"),
                item.CaseStudy == 0 ? "" : Invariant($"{item.CaseStudy:N2}")
            );
            group = item.Group;
        }
        return table;
    }

    private static Table LinesOf(CostReport report)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .ShowRowSeparators()
            .AddColumns("line", "$ a month", "case study", "difference", "because");
        RightAlign(table, 1, 2, 3);
        foreach (var line in report.Lines)
            table.AddRow(
                Markup.Escape(line.Group),
                Invariant($"{line.Amount:N2}"),
                Invariant($"{line.CaseStudy:N2}"),
                Signed(line.Difference),
                Markup.Escape(
                    string.Join(
                        '\n',
                        line.Why.Select(reason => $"{Signed(reason.Amount)} {reason.Text}")
                            .Concat(Comparison.Remarks.TryGetValue(line.Group, out var remark) ? [remark] : [])
                    )
                )
            );
        table.AddRow(
            "[bold]Total[/]",
            Invariant($"[bold]{report.Total:N2}[/]"),
            Invariant($"{report.CaseStudyTotal:N2}"),
            Signed(report.Total - report.CaseStudyTotal),
            ""
        );
        return table;
    }

    private static void WriteCurve(IReadOnlyList<CurvePoint> curve, IAnsiConsole console)
    {
        var groups = Groups.All.Where(group => curve.Any(point => point.Groups[group] != 0)).ToList();
        var table = new Table().Border(TableBorder.Rounded).AddColumn("members");
        foreach (var point in curve)
            table.AddColumn(new TableColumn(Invariant($"{point.Members:N0}")).RightAligned());
        Row("transfers a day", point => Invariant($"{point.TransfersPerDay:N0}"));
        Row("a second at the busiest", point => Invariant($"{point.PeakTps:#,0.#}"));
        Row("API servers", point => Invariant($"{point.ApiServers:N0}"));
        Row("database", point => point.Database);
        foreach (var group in groups)
            Row(group, point => Invariant($"{point.Groups[group]:N2}"));
        Row("total, $ a month", point => Invariant($"{point.Total:N2}"));
        Row("$ a member", point => Invariant($"{point.PerMember:0.000000}"));
        Row("$ a million transfers", point => Invariant($"{point.PerMillionTransfers:N2}"));
        Row("saved by batches", point => Invariant($"{point.SavedByBatches:N2}"));
        Row("saved against Express", point => Invariant($"{point.SavedAgainstExpress:N2}"));
        console.Write(table);
        console.WriteLine(
            Invariant(
                $"An API server is trusted with {Sizing.ServerCapacity:0.#} transfers a second unless --server-capacity says otherwise, an r5.large of "
            )
                + Invariant(
                    $"PostgreSQL with {Sizing.DatabaseCapacity:N0}; {Assumptions.MeasuredTps.Value:N0} were measured on two cores for everything, so what is above "
                )
                + "that in the busiest second is reckoned, not measured. Saved by batches: one transaction a request needs "
                + Invariant($"{Assumptions.AgainstOneTransaction.Value:0.0} times the database (pgbench); the case study's stack also ")
                + Invariant($"{Assumptions.AgainstExpress.Value:0.0} times the API servers (Express).")
        );

        void Row(string name, Func<CurvePoint, string> cell) =>
            table.AddRow([Markup.Escape(name), .. curve.Select(point => Markup.Escape(cell(point)))]);
    }

    private static Table AssumptionsOf(CostReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("assumed", "", "why");
        RightAlign(table, 1);
        foreach (var assumption in report.Assumptions)
            table.AddRow(
                Markup.Escape(assumption.Name),
                Markup.Escape(Invariant($"{assumption.Value:#,0.####} {assumption.Unit}").Trim()),
                Markup.Escape(assumption.Why)
            );
        return table;
    }

    /// <summary>As a group spreads them over three zones: 5 are 2 + 2 + 1.</summary>
    private static string Layout(decimal servers) =>
        string.Join(
            " + ",
            Enumerable.Range(0, Zones).Select(zone => Invariant($"{decimal.Floor((servers + Zones - 1 - zone) / Zones):0}"))
        );

    private static void RightAlign(Table table, params int[] columns)
    {
        foreach (var column in columns)
            table.Columns[column].RightAligned();
    }

    private static string MarkOf(PriceBasis basis) =>
        basis switch
        {
            PriceBasis.CaseStudy => "*",
            PriceBasis.Assumed => "?",
            _ => "",
        };

    private static string Share(decimal part, decimal whole) => Invariant($"{part / whole:P0}");

    private static string Signed(decimal amount) => Invariant($"{amount:+#,0.00;-#,0.00;0.00}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
