using System.Text;

namespace QuickPay.Cli.Drills.Report;

/// <summary>A text above a line.</summary>
/// <param name="X">Where the line is.</param>
/// <param name="TextX">Where the text begins.</param>
/// <param name="Lane">Counts from the top.</param>
/// <param name="Shown">The text, cut short if it would not fit anywhere.</param>
/// <param name="Whole">All of it.</param>
internal sealed record SvgLabel(double X, double TextX, int Lane, string Shown, string Whole)
{
    /// <summary>Its true end, which its guessed width would miss.</summary>
    public bool EndsAtLine => TextX + SvgLabels.WidthOf(Shown) <= X;
}

/// <summary>
/// Puts texts into lanes so that none covers another. A text reaches to the right of its line, and lines go down from it through the lanes
/// below: so who stands further left stands higher, and no line crosses a text. Only a text that has no room there ends at its line, and
/// lines may pass behind it.
/// </summary>
internal static class SvgLabels
{
    private const double Gap = 10;

    /// <summary>Between a text and its line.</summary>
    public const double Beside = 4;

    // Wider than the widest common fonts at 12 px; a font cannot be measured here.
    private const double LetterWidth = 7.2;
    private const double WideWidth = 13;

    public static IReadOnlyList<SvgLabel> Place(IReadOnlyList<(double X, string Text)> texts, double left, double right)
    {
        var placed = new List<SvgLabel>();
        foreach (var (x, text) in texts.Reverse().OrderByDescending(text => text.X))
        {
            var shown = Cut(text, right - left);
            var width = WidthOf(shown);
            var start = x + Beside + width <= right ? x + Beside : Math.Max(left, x - Beside - width);
            // Counted from below for now: above each line that the text reaches, then above each text that is in its way.
            var height = placed
                .Where(other => Covers(start, start + width, other.X))
                .Select(other => other.Lane + 1)
                .DefaultIfEmpty(0)
                .Max();
            while (placed.Exists(other => other.Lane == height && Meets(other, start, width)))
                height++;
            placed.Add(new SvgLabel(x, start, height, shown, text));
        }
        var highest = placed.Count == 0 ? 0 : placed.Max(label => label.Lane);
        return [.. placed.Select(label => label with { Lane = highest - label.Lane }).Reverse()];
    }

    /// <summary>About how wide a text is, and rather too wide.</summary>
    public static double WidthOf(string text)
    {
        var width = 0.0;
        foreach (var rune in text.EnumerateRunes())
            width += rune.Value < 0x1100 ? LetterWidth : WideWidth;
        return width;
    }

    private static bool Meets(SvgLabel other, double start, double width) =>
        start < other.TextX + WidthOf(other.Shown) + Gap && other.TextX < start + width + Gap;

    private static bool Covers(double from, double to, double x) => x > from - 3 && x < to + 3;

    private static string Cut(string text, double widthMax)
    {
        if (WidthOf(text) <= widthMax)
            return text;
        var (cut, width) = (new StringBuilder(), WideWidth);
        foreach (var rune in text.EnumerateRunes())
        {
            width += WidthOf(rune.ToString());
            if (width > widthMax)
                break;
            cut.Append(rune.ToString());
        }
        return cut.Append('…').ToString();
    }
}
