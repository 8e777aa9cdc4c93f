using System.Text;
using static System.FormattableString;

namespace QuickPay.Cli.Drills.Report;

/// <summary>
/// The timeline for a terminal, a column for each slice of time. Plain characters, no colours: it also stands in logs and in documents.
/// <code>
///   database, 0.5 s a column
///   ok/s    ▇▇▇▇▇▇▇▇·······▂█▇▇▇▇   up to 104/s
///   failed          ▁▁▃▁            12 in all
///   P99               █▇▅▃▁         up to 7,910 ms
///           0 s │     5 s │    10 s
///               A         B
///   A    2.00 s  kill -9 of pg-a
///   B    7.10 s  pg-b promoted
/// </code>
/// </summary>
public static class TimelineText
{
    private const int LabelWidth = 8;
    private const int RemarkWidth = 18;
    public const int WidthMin = LabelWidth + RemarkWidth + 14;
    private const string Levels = "▁▂▃▄▅▆▇█";
    private const string Marks = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int ColumnsPerTick = 12;

    /// <summary>How many slices fit: what <see cref="Timeline.Of"/> is to be asked for.</summary>
    public static int BucketsMax(int width) => Math.Max(width, WidthMin) - LabelWidth - RemarkWidth;

    /// <param name="width">No line is longer; at least <see cref="WidthMin"/>.</param>
    public static string Render(Timeline timeline, int width = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, WidthMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeline.Buckets.Count, BucketsMax(width));
        var lines = new List<string> { Invariant($"{timeline.Title}, {timeline.BucketWidth.TotalSeconds:0.###} s a column") };
        if (timeline.IsEmpty)
            lines = [timeline.Title, "No transfer was recorded."];
        else
            lines.AddRange(Rows(timeline));
        lines.AddRange(Legend(timeline));
        return string.Join('\n', lines.Select(line => Cut(line.TrimEnd(), width))) + "\n";
    }

    private static List<string> Rows(Timeline timeline)
    {
        double[] rates = [.. timeline.Buckets.Select(bucket => timeline.PerSecond(bucket.Acknowledged))];
        double[] failed = [.. timeline.Buckets.Select(bucket => (double)bucket.Refused + bucket.Unknown)];
        double[] slowest = [.. timeline.Buckets.Select(bucket => bucket.Latency.P99Ms ?? 0)];
        return
        [
            // No success at all is what a drill looks for: it must not look like white space.
            Row("ok/s", Sparks(rates, none: '·'), Invariant($"up to {rates.Max():N0}/s")),
            Row("failed", Sparks(failed, none: ' '), Invariant($"{failed.Sum():N0} in all")),
            Row("P99", Sparks(slowest, none: ' '), Invariant($"up to {slowest.Max():N0} ms")),
            Row("", Axis(timeline), ""),
            .. MarkRows(timeline).Select(marks => Row("", marks, "")),
        ];
    }

    private static string Row(string label, string columns, string remark) => label.PadRight(LabelWidth) + columns + "  " + remark;

    /// <summary>The highest is the full block; anything that is not nothing shows.</summary>
    private static string Sparks(double[] values, char none)
    {
        var max = values.Max();
        return string.Concat(
            values.Select(value => value <= 0 ? none : Levels[(int)Math.Min(Levels.Length - 1, value / max * Levels.Length)])
        );
    }

    private static string Axis(Timeline timeline)
    {
        var axis = new StringBuilder();
        for (var column = 0; column < timeline.Buckets.Count; column += ColumnsPerTick)
        {
            var tick = Invariant($"└{timeline.Buckets[column].From.TotalSeconds:0.###} s");
            if (column + tick.Length <= timeline.Buckets.Count)
                axis.Append(' ', column - axis.Length).Append(tick);
        }
        return axis.ToString();
    }

    /// <summary>A letter below the column of each event; events of one column stand below each other.</summary>
    private static List<string> MarkRows(Timeline timeline)
    {
        var rows = new List<char[]>();
        for (var n = 0; n < timeline.Events.Count; n++)
        {
            var column = (int)((timeline.Events[n].At - timeline.From) / timeline.BucketWidth);
            var row = rows.Find(row => row[column] == ' ');
            if (row is null)
            {
                row = [.. Enumerable.Repeat(' ', timeline.Buckets.Count)];
                rows.Add(row);
            }
            row[column] = Mark(n);
        }
        return [.. rows.Select(row => new string(row))];
    }

    private static IEnumerable<string> Legend(Timeline timeline) =>
        timeline.Events.Select((happened, n) => Invariant($"{Mark(n)} {happened.At.TotalSeconds, 7:0.00} s  {happened.Text}"));

    private static char Mark(int n) => n < Marks.Length ? Marks[n] : '*';

    private static string Cut(string line, int width) => line.Length <= width ? line : line[..(width - 1)] + "…";
}
