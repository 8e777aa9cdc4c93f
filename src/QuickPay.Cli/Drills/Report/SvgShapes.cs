using System.Xml.Linq;
using static System.FormattableString;

namespace QuickPay.Cli.Drills.Report;

/// <summary>What our pictures are made of. Their colours are those of classes, which each picture's own style tells.</summary>
internal static class SvgShapes
{
    public static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>A picture with nothing on its paper yet, which can be read without seeing it.</summary>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="title">What it is.</param>
    /// <param name="description">What it shows, in words.</param>
    /// <param name="style">What the classes look like, <c>paper</c> among them.</param>
    public static XElement Picture(int width, int height, string title, string description, string style) =>
        new(
            Svg + "svg",
            new XAttribute("viewBox", Invariant($"0 0 {width} {height}")),
            new XAttribute("width", width),
            new XAttribute("height", height),
            new XAttribute("role", "img"),
            new XAttribute("aria-labelledby", "title desc"),
            new XElement(Svg + "title", new XAttribute("id", "title"), title),
            new XElement(Svg + "desc", new XAttribute("id", "desc"), description),
            new XElement(Svg + "style", style),
            Rectangle("paper", 0, 0, width, height)
        );

    public static XElement Rectangle(string name, double x, double y, double width, double height) =>
        new(Svg + "rect", Class(name), At("x", x), At("y", y), At("width", width), At("height", height));

    public static XElement Line(string name, double x1, double y1, double x2, double y2) =>
        new(Svg + "line", Class(name), At("x1", x1), At("y1", y1), At("x2", x2), At("y2", y2));

    public static XElement Text(string name, double x, double y, string text, string anchor = "start") =>
        new(Svg + "text", Class(name), At("x", x), At("y", y), new XAttribute("text-anchor", anchor), text);

    public static XAttribute Class(string name) => new("class", name);

    public static XAttribute At(string name, double value) => new(name, Invariant($"{value:0.##}"));
}
