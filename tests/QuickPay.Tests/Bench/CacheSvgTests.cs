using System.Globalization;
using System.Xml.Linq;
using QuickPay.Bench.Report;

namespace QuickPay.Tests.Bench;

public class CacheSvgTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly XElement _svg = XElement.Parse(
        CacheSvg.Render(
            "Caches & co",
            "at 1,000/s",
            [new("queries <all>", "/s", 2_000, 200, "−90 %"), new("throughput", "/s", 0, 0, "0.0×")]
        )
    );

    [Fact]
    public void Bars_are_to_each_other_as_their_values()
    {
        var (off, on) = (Bars("off"), Bars("on"));

        Assert.Equal(10, Number(off[0], "width") / Number(on[0], "width"), 1e-9);
        Assert.Equal((0, 0), (Number(off[1], "width"), Number(on[1], "width")));
        Assert.Equal(Number(off[0], "x"), Number(on[0], "x"));
    }

    [Fact]
    public void Nothing_covers_another_or_leaves_the_picture()
    {
        var (width, height) = (Number(_svg, "width"), Number(_svg, "height"));
        var bars = Bars("off").Concat(Bars("on")).OrderBy(bar => Number(bar, "y")).ToList();

        Assert.Equal(4, bars.Count);
        Assert.All(
            bars.Zip(bars.Skip(1)),
            pair => Assert.True(Number(pair.First, "y") + Number(pair.First, "height") <= Number(pair.Second, "y"))
        );
        Assert.True(Number(bars[^1], "y") + Number(bars[^1], "height") < height);
        Assert.All(bars, bar => Assert.True(Number(bar, "x") + Number(bar, "width") < width - 200)); // value and effect stand there
    }

    [Fact]
    public void It_can_be_read_without_the_picture()
    {
        Assert.Equal("Caches & co", (string)_svg.Element(Svg + "title")!);
        Assert.Equal(
            "queries <all>: 2,000 /s without caches, 200 /s with (−90 %); throughput: 0.00 /s without caches, 0.00 /s with (0.0×).",
            (string)_svg.Element(Svg + "desc")!
        );
        Assert.Equal("title desc", (string)_svg.Attribute("aria-labelledby")!);
        Assert.Equal(["caches off", "caches on"], Texts("legend"));
        Assert.Equal(["2,000 /s", "200 /s", "0.00 /s", "0.00 /s"], Texts("value"));
        Assert.Equal(["−90 %", "0.0×"], Texts("effect"));
    }

    /// <summary>The legend's squares have no title.</summary>
    private List<XElement> Bars(string name) =>
        [.. _svg.Descendants(Svg + "rect").Where(rect => (string?)rect.Attribute("class") == name && rect.Elements().Any())];

    private IEnumerable<string> Texts(string name) =>
        _svg.Descendants(Svg + "text").Where(text => (string?)text.Attribute("class") == name).Select(text => text.Value);

    private static double Number(XElement element, string name) =>
        double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);
}
