using System.Xml.Linq;
using static System.FormattableString;
using static QuickPay.Cli.Drills.Report.SvgShapes;

namespace QuickPay.Cli.Scale;

/// <summary>
/// Throughput by the number of ledgers as an SVG file: simulated, by the closed form, and if every ledger added all of itself. Both axes
/// double with each step. No script, no font from elsewhere, readable in light and dark and without its colours.
/// </summary>
internal static class ScaleSvg
{
    private const int Width = 960;
    private const int Left = 110;
    private const int Top = 92;
    private const int PlotWidth = 800;
    private const int PlotHeight = 320;

    private const string Style = """
        .paper { fill: #ffffff } text { fill: #1f2328; font: 12px system-ui, sans-serif } .title { font-size: 17px; font-weight: 600 }
        .quiet { fill: #59636e } .grid { stroke: #d1d9e0 } .simulated { fill: none; stroke: #2f81b7; stroke-width: 2.5 } .dot { fill: #2f81b7 }
        .closed { fill: none; stroke: #9a6b00; stroke-width: 2; stroke-dasharray: 6 4 } .all { fill: none; stroke: #59636e; stroke-dasharray: 2 4 }
        @media (prefers-color-scheme: dark) {
          .paper { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #2d333b } .simulated { stroke: #58a6d6 }
          .dot { fill: #58a6d6 } .closed { stroke: #f0c24b } .all { stroke: #9198a1 }
        }
        """;

    /// <summary>The whole file.</summary>
    public static string Render(IReadOnlyList<ScalePoint> curve)
    {
        var one = curve[0].PerSecond / curve[0].Ledgers;
        var steps = Math.Max(1, (int)Math.Ceiling(Math.Log2(curve[^1].Ledgers)));
        var root = Picture(Width, Top + PlotHeight + 64, "QuickPay on several ledgers", Description(curve), Style);
        root.Add(
            Text("title", 24, 30, "QuickPay on several ledgers"),
            Text("quiet", 24, 52, Invariant($"transfers a second at saturation; each ledger is two cores as measured, {one:N0}/s alone")),
            Line("simulated", Left, 70, Left + 24, 70),
            Text("legend", Left + 30, 74, "simulated"),
            Line("closed", Left + 120, 70, Left + 144, 70),
            Text("legend", Left + 150, 74, "closed form"),
            Line("all", Left + 250, 70, Left + 274, 70),
            Text("legend", Left + 280, 74, "nothing across")
        );
        for (var step = 0; step <= steps; step++)
        {
            var count = Math.Pow(2, step);
            root.Add(
                Line("grid", Left, Y(count), Left + PlotWidth, Y(count)),
                Text("quiet", Left - 8, Y(count) + 4, Invariant($"{one * count:N0}/s"), "end"),
                Text("quiet", X(count), Top + PlotHeight + 20, Invariant($"{count:0}"), "middle")
            );
        }
        root.Add(
            Text("quiet", Left + PlotWidth / 2.0, Top + PlotHeight + 44, "ledgers", "middle"),
            Curve("all", curve.Select(point => (double)point.Ledgers)),
            Curve("closed", curve.Select(point => point.ClosedForm / one)),
            Curve("simulated", curve.Select(point => point.PerSecond / one))
        );
        foreach (var point in curve)
            root.Add(
                new XElement(
                    Svg + "circle",
                    Class("dot"),
                    At("cx", X(point.Ledgers)),
                    At("cy", Y(point.PerSecond / one)),
                    At("r", 4),
                    new XElement(Svg + "title", Words(point))
                )
            );
        return root + "\n";

        double X(double count) => Left + Math.Log2(count) / steps * PlotWidth;
        // What falls below one ledger's stands on the ground.
        double Y(double factor) => Top + PlotHeight - Math.Max(0, Math.Log2(factor)) / steps * PlotHeight;
        XElement Curve(string name, IEnumerable<double> factors) =>
            new(
                Svg + "polyline",
                Class(name),
                new XAttribute(
                    "points",
                    string.Join(' ', factors.Zip(curve, (factor, point) => Invariant($"{X(point.Ledgers):0.##},{Y(factor):0.##}")))
                )
            );
    }

    private static string Description(IReadOnlyList<ScalePoint> curve) => string.Join("; ", curve.Select(Words)) + ".";

    private static string Words(ScalePoint point) =>
        Invariant(
            $"{point.Ledgers} ledgers, {point.CrossShare:0 %} across: {point.PerSecond:N0}/s simulated, {point.ClosedForm:N0}/s by the closed form"
        );
}
