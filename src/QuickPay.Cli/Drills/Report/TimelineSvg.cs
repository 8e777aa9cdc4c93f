using System.Xml.Linq;
using static System.FormattableString;
using static QuickPay.Cli.Drills.Report.SvgShapes;

namespace QuickPay.Cli.Drills.Report;

/// <summary>
/// The timeline as an SVG file: no script, no font or picture from elsewhere, readable in light and dark and without its colours. Above,
/// each slice's transfers by outcome; below, the latency that 99 of 100 did not exceed; through both, a line for each event.
/// </summary>
public static class TimelineSvg
{
    private const int Width = 960;
    private const int Left = 72;
    private const int Right = 24;
    private const int PlotWidth = Width - Left - Right;
    private const int LabelsTop = 84;
    private const int LabelHeight = 18;
    private const int BarsHeight = 180;
    private const int LatencyHeight = 110;
    private const int Between = 44;
    private const int Below = 58;

    /// <summary>How many slices are still told apart: what <see cref="Timeline.Of"/> is to be asked for.</summary>
    public const int BucketsMax = 160;

    private const string Style = """
        .paper { fill: #ffffff } text { fill: #1f2328; font: 12px system-ui, sans-serif } .title { font-size: 17px; font-weight: 600 }
        .quiet { fill: #59636e } .grid { stroke: #d1d9e0 } .ok { fill: #2f81b7 } .refused { fill: #e0a100 } .unknown { fill: #b3261e }
        .latency { fill: none; stroke: #6f42c1; stroke-width: 1.6 } .dot { fill: #6f42c1 } .event { stroke: #1f2328; stroke-dasharray: 4 3 }
        .label { stroke: #ffffff; stroke-width: 4px; paint-order: stroke }
        @media (prefers-color-scheme: dark) {
          .paper { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #2d333b } .ok { fill: #58a6d6 }
          .refused { fill: #f0c24b } .unknown { fill: #ff7b72 } .latency { stroke: #bc9af5 } .dot { fill: #bc9af5 } .event { stroke: #e6edf3 }
          .label { stroke: #0d1117 }
        }
        """;

    /// <summary>The whole file.</summary>
    public static string Render(Timeline timeline)
    {
        var labels = Labels(timeline);
        var lanes = labels.Count == 0 ? 0 : labels.Max(label => label.Lane) + 1;
        var barsTop = LabelsTop + lanes * LabelHeight + 12;
        var height = timeline.IsEmpty ? barsTop + LabelHeight * 2 : barsTop + BarsHeight + Between + LatencyHeight + Below;
        var root = Picture(Width, height, timeline.Title, Description(timeline), Style);
        root.Add(Text("title", Left, 30, timeline.Title));
        if (timeline.IsEmpty)
        {
            root.Add(Text("quiet", Left, 54, "No transfer was recorded."));
            root.Add(timeline.Events.Select((happened, n) => Text("label", Left, 78 + n * LabelHeight, EventText(happened))));
            if (timeline.Events.Count > 0)
                Grow(root, 78 + timeline.Events.Count * LabelHeight);
        }
        else
        {
            var latencyTop = barsTop + BarsHeight + Between;
            root.Add(Legend(timeline), Bars(timeline, barsTop), LatencyLine(timeline, latencyTop));
            root.Add(Axis(timeline, latencyTop + LatencyHeight), Events(labels, latencyTop + LatencyHeight));
        }
        return root + "\n";
    }

    private static XElement Bars(Timeline timeline, int top)
    {
        var most = timeline.Buckets.Max(bucket => bucket.Acknowledged + bucket.Refused + bucket.Unknown);
        var scale = SvgScale.Of(timeline.PerSecond(most));
        var group = Panel(top, BarsHeight, scale, "transfers a second", "/s");
        var width = (double)PlotWidth / timeline.Buckets.Count;
        // A thin line of paper between the bars, while there is room for it.
        var bar = width > 4 ? width - 1 : width;
        for (var n = 0; n < timeline.Buckets.Count; n++)
        {
            var bucket = timeline.Buckets[n];
            var y = (double)top + BarsHeight;
            foreach (var (name, count) in new[] { ("ok", bucket.Acknowledged), ("refused", bucket.Refused), ("unknown", bucket.Unknown) })
            {
                if (count == 0)
                    continue;
                var high = timeline.PerSecond(count) / scale.Max * BarsHeight;
                y -= high;
                var block = Rectangle(name, Left + n * width, y, bar, high);
                block.Add(new XElement(Svg + "title", Invariant($"{count} {name} from {bucket.From.TotalSeconds:0.###} s")));
                group.Add(block);
            }
        }
        return group;
    }

    /// <summary>Where nothing was due there is nothing to join.</summary>
    private static XElement LatencyLine(Timeline timeline, int top)
    {
        var highestMs = timeline.Buckets.Max(bucket => bucket.Latency.P99Ms ?? 0);
        var (unit, unitMs) = highestMs < 1_000 ? (" ms", 1) : (" s", 1_000);
        var scale = SvgScale.Of(highestMs / unitMs);
        var group = Panel(top, LatencyHeight, scale, "P99 latency of the transfers due then", unit);
        var width = (double)PlotWidth / timeline.Buckets.Count;
        var piece = new List<(double X, double Y)>();
        for (var n = 0; n <= timeline.Buckets.Count; n++)
        {
            if (n < timeline.Buckets.Count && timeline.Buckets[n].Latency.P99Ms is { } p99)
            {
                piece.Add((Left + (n + 0.5) * width, top + LatencyHeight - p99 / unitMs / scale.Max * LatencyHeight));
                continue;
            }
            if (piece is [var alone])
                group.Add(new XElement(Svg + "circle", Class("dot"), At("cx", alone.X), At("cy", alone.Y), At("r", 2)));
            else if (piece.Count > 1)
                group.Add(
                    new XElement(
                        Svg + "polyline",
                        Class("latency"),
                        new XAttribute("points", string.Join(' ', piece.Select(point => Invariant($"{point.X:0.##},{point.Y:0.##}"))))
                    )
                );
            piece.Clear();
        }
        return group;
    }

    /// <summary>What stands behind bars and line: its name, and a line for each step of its scale.</summary>
    private static XElement Panel(int top, int height, SvgScale scale, string name, string unit)
    {
        var group = new XElement(Svg + "g", Text("quiet", Left, top - 8, name));
        foreach (var step in scale.Steps)
        {
            var y = top + height - step / scale.Max * height;
            group.Add(
                Line("grid", Left, y, Width - Right, y),
                Text("quiet", Left - 8, y + 4, Invariant($"{step:#,0.###}{(step > 0 ? unit : "")}"), "end")
            );
        }
        return group;
    }

    private static XElement Axis(Timeline timeline, int top)
    {
        var group = new XElement(Svg + "g");
        var scale = SvgScale.Of((timeline.To - timeline.From).TotalSeconds, steps: 10);
        foreach (var step in scale.Steps)
        {
            var seconds = Math.Ceiling(timeline.From.TotalSeconds / scale.Step) * scale.Step + step;
            if (seconds > timeline.To.TotalSeconds)
                break;
            var x = X(timeline, TimeSpan.FromSeconds(seconds));
            group.Add(Line("grid", x, top, x, top + 5), Text("quiet", x, top + 20, Invariant($"{seconds:0.###}"), "middle"));
        }
        group.Add(Text("quiet", Left + PlotWidth / 2.0, top + 42, "seconds from the drill's beginning", "middle"));
        return group;
    }

    private static XElement Legend(Timeline timeline)
    {
        var group = new XElement(Svg + "g");
        var x = Left;
        foreach (
            var (name, text, count) in new[]
            {
                ("ok", "acknowledged", timeline.Buckets.Sum(bucket => bucket.Acknowledged)),
                ("refused", "refused", timeline.Buckets.Sum(bucket => bucket.Refused)),
                ("unknown", "unknown", timeline.Buckets.Sum(bucket => bucket.Unknown)),
            }
        )
        {
            var words = Invariant($"{text} {count:N0}");
            group.Add(Rectangle(name, x, 45, 12, 12), Text("legend", x + 18, 55, words));
            x += 18 + (int)SvgLabels.WidthOf(words) + 24;
        }
        group.Add(Line("latency", x, 51, x + 18, 51), Text("legend", x + 24, 55, "P99 latency"));
        group.Add(Line("event", x + 124, 51, x + 142, 51), Text("legend", x + 148, 55, "event"));
        return group;
    }

    private static XElement[] Events(IReadOnlyList<SvgLabel> labels, int bottom)
    {
        var (lines, texts) = (new XElement(Svg + "g"), new XElement(Svg + "g"));
        foreach (var label in labels)
        {
            var y = LabelsTop + label.Lane * LabelHeight;
            var text = label.EndsAtLine
                ? Text("label", label.X - SvgLabels.Beside, y + 4, label.Shown, "end")
                : Text("label", label.TextX, y + 4, label.Shown);
            text.Add(new XElement(Svg + "title", label.Whole));
            texts.Add(text);
            lines.Add(Line("event", label.X, y - 6, label.X, bottom));
        }
        return [lines, texts];
    }

    private static IReadOnlyList<SvgLabel> Labels(Timeline timeline) =>
        timeline.IsEmpty
            ? []
            : SvgLabels.Place(
                [.. timeline.Events.Select(happened => (X(timeline, happened.At), EventText(happened)))],
                Left,
                Width - Right
            );

    private static string EventText(DrillEvent happened) => Invariant($"{happened.At.TotalSeconds:0.0} s {happened.Text}");

    private static string Description(Timeline timeline)
    {
        if (timeline.IsEmpty)
            return "No transfer was recorded. " + string.Join("; ", timeline.Events.Select(EventText));
        var buckets = timeline.Buckets;
        return Invariant(
                $"{buckets.Sum(bucket => bucket.Acknowledged):N0} transfers acknowledged, {buckets.Sum(bucket => bucket.Refused):N0} refused, "
            )
            + Invariant(
                $"{buckets.Sum(bucket => bucket.Unknown):N0} unknown, in slices of {timeline.BucketWidth.TotalSeconds:0.###} s from "
            )
            + Invariant($"{timeline.From.TotalSeconds:0.###} s to {timeline.To.TotalSeconds:0.###} s. P99 latency up to ")
            + Invariant(
                $"{buckets.Max(bucket => bucket.Latency.P99Ms ?? 0):N0} ms. Events: {string.Join("; ", timeline.Events.Select(EventText))}."
            );
    }

    private static double X(Timeline timeline, TimeSpan at) => Left + (at - timeline.From) / (timeline.To - timeline.From) * PlotWidth;

    private static void Grow(XElement root, int height)
    {
        root.SetAttributeValue("height", height);
        root.SetAttributeValue("viewBox", Invariant($"0 0 {Width} {height}"));
        root.Elements(Svg + "rect").First().SetAttributeValue("height", height);
    }
}
