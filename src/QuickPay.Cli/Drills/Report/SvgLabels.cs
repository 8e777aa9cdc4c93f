using System.Text;

namespace QuickPay.Cli.Drills.Report;

/// <summary>A text above a line.</summary>
/// <param name="X">Where the line is.</param>
/// <param name="TextX">Where the text begins.</param>
/// <param name="Lane">Counts from the top.</param>
/// <param name="Shown">The text, cut short if it would not fit anywhere.</param>
/// <param name="Whole">All of it.</param>
internal sealed record SvgLabel(double X, double TextX, int Lane, string Shown, string Whole);

/// <summary>
/// Puts texts into lanes so that none covers another, nor another one's line: a text reaches to the right of its line (to the left only at the
/// picture's edge), and lines go down from it through the lanes below.
/// </summary>
internal static class SvgLabels
{
    private const double Gap = 10;

    // Wider than the widest common fonts at 12 px; a font cannot be measured here.
    private const double LetterWidth = 7.2;
    private const double WideWidth = 13;

    public static IReadOnlyList<SvgLabel> Place(IReadOnlyList<(double X, string Text)> texts, double left, double right)
    {
        var placed = new List<SvgLabel>();
        // From the right: a line that goes down from an upper lane passes only on the left of the texts below that are placed before it.
        foreach (var (x, text) in texts.OrderByDescending(text => text.X))
        {
            var shown = Cut(text, right - left);
            var width = WidthOf(shown);
            var start = Math.Max(left, Math.Min(x + 4, right - width));
            var lane = 0;
            while (placed.Exists(other => Collides(other, x, start, width, lane)))
                lane++;
            placed.Add(new SvgLabel(x, start, lane, shown, text));
        }
        placed.Reverse();
        return placed;
    }

    /// <summary>About how wide a text is, and rather too wide.</summary>
    public static double WidthOf(string text)
    {
        var width = 0.0;
        foreach (var rune in text.EnumerateRunes())
            width += rune.Value < 0x1100 ? LetterWidth : WideWidth;
        return width;
    }

    private static bool Collides(SvgLabel other, double x, double start, double width, int lane)
    {
        var otherEnd = other.TextX + WidthOf(other.Shown);
        if (lane == other.Lane)
            return start < otherEnd + Gap && other.TextX < start + width + Gap;
        // Whichever is above has its line through the lane of the one below.
        return lane < other.Lane ? Covers(other.TextX, otherEnd, x) : Covers(start, start + width, other.X);
    }

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
