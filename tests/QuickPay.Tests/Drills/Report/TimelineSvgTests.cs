using System.Globalization;
using System.Xml.Linq;
using CsCheck;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Report;
using static QuickPay.Tests.Drills.Report.Traffic;

namespace QuickPay.Tests.Drills.Report;

public sealed class TimelineSvgTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Bars_add_up_to_the_transfers_by_outcome()
    {
        var svg = Render(WithAFailover(), Event(4.95, "kill -9 of pg-a"), Event(8.9, "pg-b promoted"));

        Assert.Equal((199, 0, 1), (Counted(svg, "ok"), Counted(svg, "refused"), Counted(svg, "unknown")));
        Assert.Contains("199 transfers acknowledged, 0 refused, 1 unknown", (string)svg.Element(Svg + "desc")!);
        Assert.Contains("Events: 5.0 s kill -9 of pg-a; 8.9 s pg-b promoted.", (string)svg.Element(Svg + "desc")!);
        Assert.Equal("title desc", (string)svg.Attribute("aria-labelledby")!);
        Assert.Equal(["acknowledged 199", "refused 0", "unknown 1", "P99 latency", "event"], Texts(svg, "legend"));
    }

    [Fact]
    public void The_tallest_bar_and_the_highest_point_stay_in_their_panels()
    {
        var svg = Render(WithAFailover());
        var height = Number(svg, "height");

        Assert.All(
            svg.Descendants(Svg + "rect").Where(rect => rect.Elements(Svg + "title").Any()),
            bar => Assert.True(Number(bar, "y") > 84 && Number(bar, "y") + Number(bar, "height") < height - 150, bar.ToString())
        );
        Assert.All(
            svg.Descendants(Svg + "polyline")
                .SelectMany(line => ((string)line.Attribute("points")!).Split(' '))
                .Select(point => double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture)),
            y => Assert.InRange(y, height - 170, height - 50)
        );
    }

    [Fact]
    public void Each_event_has_a_line_and_a_text()
    {
        var svg = Render(WithAFailover(), Event(4.95, "kill -9 of pg-a"), Event(8.9, "pg-b promoted"));
        var lines = svg.Descendants(Svg + "line").Where(line => (string?)line.Attribute("class") == "event").Skip(1).ToList();

        // One more is the legend's.
        Assert.Equal(2, lines.Count);
        Assert.Equal(
            ["5.0 s kill -9 of pg-a", "8.9 s pg-b promoted"],
            svg.Descendants(Svg + "text")
                .Where(text => (string?)text.Attribute("class") == "label")
                .Select(text => text.Nodes().OfType<XText>().Single().Value)
        );
        Assert.True(Number(lines[0], "x1") < Number(lines[1], "x1"));
    }

    /// <summary>No text covers another one, and no line crosses a text, but for texts that had no room on the right.</summary>
    [Fact]
    public void Labels_do_not_overlap() =>
        Gen.Select(Gen.Double[64, 936], Gen.String[Gen.Char['a', 'z'], 0, 60])
            .Array[0, 15]
            .Sample(texts =>
            {
                var labels = SvgLabels.Place([.. texts], 64, 936);

                Assert.Equal(texts.Length, labels.Count);
                for (var i = 0; i < labels.Count; i++)
                {
                    var (left, right) = (labels[i].TextX, labels[i].TextX + SvgLabels.WidthOf(labels[i].Shown));
                    Assert.True(left >= 64 && right <= 936.001, labels[i].ToString());
                    for (var j = 0; j < labels.Count; j++)
                    {
                        if (i == j)
                            continue;
                        var other = labels[j];
                        if (other.Lane == labels[i].Lane)
                            Assert.True(
                                other.TextX >= right || other.TextX + SvgLabels.WidthOf(other.Shown) <= left,
                                $"{labels[i]} and {other}"
                            );
                        if (other.Lane < labels[i].Lane && labels[i].TextX > labels[i].X)
                            Assert.False(other.X > left && other.X < right, $"the line of {other} crosses {labels[i]}");
                    }
                }
            });

    [Fact]
    public void Text_is_text_whatever_it_says()
    {
        var svg = Render("<script>alert(1)</script> & \"co\"", [.. Steady(0, 5)], Event(1, "</text><script>\u0000\u001b]]>&lt;'\ud800"));

        Assert.Equal("<script>alert(1)</script> & \"co\"", (string)svg.Element(Svg + "title")!);
        Assert.Contains("1.0 s </text><script>  ]]>&lt;'\ufffd", (string)svg.Element(Svg + "desc")!);
        Assert.Empty(svg.Descendants(Svg + "script"));
    }

    /// <summary>A file that is opened years later, from a mail, must not ask anybody for anything.</summary>
    [Fact]
    public void The_file_stands_alone()
    {
        var file = TimelineSvg.Render(Timeline.Of("database", WithAFailover(), [], TimelineSvg.BucketsMax));

        Assert.DoesNotContain("href", file);
        Assert.DoesNotContain("url(", file);
        Assert.DoesNotContain("<script", file);
        Assert.DoesNotContain("http", file.Replace(Svg.NamespaceName, "", StringComparison.Ordinal));
        Assert.Contains("prefers-color-scheme: dark", file);
    }

    [Fact]
    public void Without_transfers_the_picture_says_so()
    {
        Assert.Contains("No transfer was recorded.", Texts(Render([]), "quiet"));
        var svg = Render([], Event(3, "stopped"));
        Assert.Contains("3.0 s stopped", Texts(svg, "label"));
        Assert.True(Number(svg, "height") > svg.Descendants(Svg + "text").Max(text => Number(text, "y")));
    }

    [Fact]
    public void Any_history_gives_a_picture() =>
        Gen.Select(Gen.Double[-5, 100], Gen.Double[0, 50], Gen.Enum<OperationOutcome>())
            .Array[0, 30]
            .Select(Gen.Double[-10, 200].Array[0, 8])
            .Sample(drawn =>
            {
                Operation[] operations = [.. drawn.Item1.Select(one => Transfer(one.Item1, one.Item1 + one.Item2, one.Item3))];
                DrillEvent[] events = [.. drawn.Item2.Select(at => Event(at, "something"))];

                var svg = Render(operations, events);

                Assert.Equal(operations.Length, Counted(svg, "ok") + Counted(svg, "refused") + Counted(svg, "unknown"));
                Assert.DoesNotContain("NaN", svg.ToString());
                Assert.NotEmpty(TimelineText.Render(Timeline.Of("", operations, events, TimelineText.BucketsMax(80)), 80));
            });

    private static XElement Render(Operation[] operations, params DrillEvent[] events) => Render("database", operations, events);

    private static XElement Render(string title, Operation[] operations, params DrillEvent[] events) =>
        XElement.Parse(TimelineSvg.Render(Timeline.Of(title, operations, events, TimelineSvg.BucketsMax)));

    private static int Counted(XElement svg, string name) =>
        svg.Descendants(Svg + "rect")
            .Where(rect => (string?)rect.Attribute("class") == name)
            .Select(rect => (string?)rect.Element(Svg + "title"))
            .OfType<string>()
            .Sum(title => int.Parse(title.Split(' ')[0], CultureInfo.InvariantCulture));

    private static List<string> Texts(XElement svg, string name) =>
        [
            .. svg.Descendants(Svg + "text")
                .Where(text => (string?)text.Attribute("class") == name)
                .Select(text => text.Nodes().OfType<XText>().Single().Value),
        ];

    private static double Number(XElement element, string name) =>
        double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);

    private static DrillEvent Event(double seconds, string text) => new(TimeSpan.FromSeconds(seconds), text);
}
