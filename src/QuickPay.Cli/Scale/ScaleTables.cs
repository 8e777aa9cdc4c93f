using QuickPay.Cli.Scale.Links;
using Spectre.Console;
using static System.FormattableString;

namespace QuickPay.Cli.Scale;

/// <summary>`lab scale` for people.</summary>
internal static class ScaleTables
{
    public static void Write(ScaleReport report, IAnsiConsole console)
    {
        Heading("Where one primary ends: transfers in the busiest second that each resource lets through");
        console.Write(PrimaryOf(report));
        foreach (var limit in report.Primary)
            console.WriteLine($"  {limit.Resource}: {limit.Why}.");
        Heading("One simulated ledger against the measured one (docs/benchmarks.md)");
        console.Write(CalibrationOf(report.Calibration));
        Heading(
            Invariant(
                $"Several ledgers of two cores each, 512 connections for each, a transfer across costs {report.Question.CrossCost:0.##} within; "
            ) + "latencies at 500/s for each"
        );
        console.Write(PointsOf(report.Curve));
        if (report.Locality.Count > 0)
        {
            Heading(Invariant($"{report.Locality[0].Ledgers} ledgers, by the share of transfers across"));
            console.Write(PointsOf(report.Locality));
            Heading(
                Invariant($"Everybody pays one shop: {report.Shop[0].Ledgers} ledgers, by the shop's accounts, each in a ledger of its own")
            );
            console.Write(ShopOf(report.Shop));
        }
        Heading("Linked transfers: every interleaving of one, and random walks of many");
        WriteProtocol(report, console);

        void Heading(string text) => console.MarkupLineInterpolated($"\n[bold]{text}[/]");
    }

    private static Table PrimaryOf(ScaleReport report)
    {
        var table = Columns(["resource", .. report.Sizes.Select(size => size.Name), "transfers a day", "basis"]);
        foreach (var limit in report.Primary)
            table.AddRow([
                limit.Resource,
                .. limit.PerSecond.Select(perSecond => Invariant($"{Round(perSecond):N0}")),
                Invariant($"{PrimaryLimits.DayOf(limit.PerSecond[^1]) / 1e6:N0} million"),
                limit.Basis,
            ]);
        return table;
    }

    private static Table CalibrationOf(IEnumerable<CalibrationFigure> figures)
    {
        var table = Columns(["run", "measured", "simulated", "error", "allowed", "figure"]);
        foreach (var figure in figures)
            table.AddRow(
                figure.Run,
                Invariant($"{figure.Measured:#,0.##}"),
                Invariant($"{figure.Simulated:#,0.##}"),
                Percent(figure.Error) + (figure.Held ? "" : " !"),
                figure.Tolerance is { } most ? Invariant($"{most:0 %}") : "shown only",
                figure.Figure
            );
        return table;
    }

    private static Table PointsOf(IEnumerable<ScalePoint> points)
    {
        var table = Columns(["ledgers", "across", "transfers/s", "closed form", "simulated against it", "P50 within", "P50 across"]);
        foreach (var point in points)
            table.AddRow(
                Invariant($"{point.Ledgers}"),
                Invariant($"{point.CrossShare:0 %}"),
                Invariant($"{point.PerSecond:N0}"),
                Invariant($"{point.ClosedForm:N0}"),
                Percent(point.PerSecond / point.ClosedForm - 1),
                Milliseconds(point.P50Ms),
                Milliseconds(point.CrossP50Ms)
            );
        return table;
    }

    private static Table ShopOf(IEnumerable<ShopPoint> points)
    {
        var table = Columns(["accounts of the shop", "payments/s", "P50"]);
        foreach (var point in points)
            table.AddRow(Invariant($"{point.Accounts}"), Invariant($"{point.PerSecond:N0}"), Milliseconds(point.P50Ms));
        return table;
    }

    private static void WriteProtocol(ScaleReport report, IAnsiConsole console)
    {
        var right = report.Protocol;
        console.MarkupLineInterpolated(
            $"{(right is { Harm: null, FoundByWalk: null } ? "[green]held[/]" : "[red]broken[/]")} {right.Is}: {right.States:N0} states, {right.Transitions:N0} transitions, {report.Question.Walks:N0} walks from seed {report.Question.Seed} ({report.WalkActions:N0} actions, {report.WalkFailures:N0} crashes, {report.WalkPosted:N0} posted)"
        );
        WriteTrace(right, console);
        foreach (var finding in report.Wrong)
        {
            console.MarkupLineInterpolated(
                $"{(finding.Harm is null ? "[red]not found[/]" : "[green]found[/]")} {finding.Is}{(finding.FoundByWalk is { } walk ? $"; by random walk {walk}, too" : "")}"
            );
            WriteTrace(finding, console);
        }
    }

    private static void WriteTrace(ProtocolFinding finding, IAnsiConsole console)
    {
        if (finding.Harm is null)
            return;
        for (var n = 0; n < finding.Trace.Count; n++)
            console.WriteLine($"    {n + 1}. {finding.Trace[n]}");
        console.WriteLine($"    => {finding.Harm}");
    }

    /// <summary>The first column is words, the others figures.</summary>
    private static Table Columns(string[] names)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns(names);
        foreach (var column in table.Columns.Skip(1).Take(names.Length - 2))
            column.RightAligned();
        return table;
    }

    private static string Percent(double value) => Invariant($"{Math.Round(value * 100):+0;-0;0} %");

    private static string Milliseconds(double value) => value == 0 ? "" : Invariant($"{value:0.0} ms");

    /// <summary>Two digits: no figure of this kind is known better.</summary>
    internal static double Round(double value)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return Math.Round(value / unit) * unit;
    }
}
