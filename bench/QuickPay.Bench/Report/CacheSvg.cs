using System.Xml.Linq;
using static QuickPay.Cli.Drills.Report.SvgShapes;

namespace QuickPay.Bench.Report;

/// <summary>
/// Both sides of a comparison as an SVG file: for each figure two bars, whose lengths are to each other as their values. No script, no font
/// or picture from elsewhere, readable in light and dark and without its colours.
/// </summary>
internal static class CacheSvg
{
    private const int Width = 960;
    private const int Left = 220;
    private const int BarMax = 500;
    private const int Top = 92;
    private const int GroupHeight = 58;
    private const int BarHeight = 18;

    private const string Style = """
        .paper { fill: #ffffff } text { fill: #1f2328; font: 12px system-ui, sans-serif } .title { font-size: 17px; font-weight: 600 }
        .quiet { fill: #59636e } .effect { font-size: 16px; font-weight: 600 } .off { fill: #9a6b00 } .on { fill: #2f81b7 }
        @media (prefers-color-scheme: dark) {
          .paper { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 } .off { fill: #f0c24b } .on { fill: #58a6d6 }
        }
        """;

    /// <summary>The whole file.</summary>
    public static string Render(string title, string subtitle, IReadOnlyList<CacheMeasure> measures)
    {
        var height = Top + measures.Count * GroupHeight + 8;
        var root = Picture(Width, height, title, Description(measures), Style);
        root.Add(
            Text("title", 24, 30, title),
            Text("quiet", 24, 52, subtitle),
            Rectangle("off", Left, 64, 12, 12),
            Text("legend", Left + 18, 74, "caches off"),
            Rectangle("on", Left + 110, 64, 12, 12),
            Text("legend", Left + 128, 74, "caches on")
        );
        for (var n = 0; n < measures.Count; n++)
        {
            root.Add(Group(measures[n], Top + n * GroupHeight));
        }

        return root + "\n";
    }

    private static XElement Group(CacheMeasure measure, int top)
    {
        var longest = Math.Max(measure.Off, measure.On);
        var group = new XElement(
            Svg + "g",
            Text("name", Left - 12, top + 24, measure.Name, "end"),
            Text("effect", Width - 24, top + 28, measure.Effect, "end")
        );
        foreach (
            var (name, value, text, y) in new[] { ("off", measure.Off, measure.OffText, top), ("on", measure.On, measure.OnText, top + 20) }
        )
        {
            var length = longest > 0 ? value / longest * BarMax : 0;
            var bar = Rectangle(name, Left, y + 4, length, BarHeight);
            bar.Add(new XElement(Svg + "title", $"{measure.Name}, caches {name}: {text}"));
            group.Add(bar, Text("value", Left + length + 8, y + 17, text));
        }

        return group;
    }

    private static string Description(IReadOnlyList<CacheMeasure> measures) =>
        string.Join(
            "; ",
            measures.Select(measure => $"{measure.Name}: {measure.OffText} without caches, {measure.OnText} with ({measure.Effect})")
        ) + ".";
}
