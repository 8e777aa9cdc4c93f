using System.Globalization;
using System.Text;
using QuickPay.Cli.Drills.History;

namespace QuickPay.Cli.Drills.Report;

/// <summary>A slice of a drill.</summary>
/// <param name="Acknowledged">Transfers that ended in it; so are the next two.</param>
/// <param name="Latency">Of the transfers that were due in it, so that a stall shows where it was and not where it was over.</param>
public sealed record TimelineBucket(TimeSpan From, int Acknowledged, int Refused, int Unknown, Latency Latency);

/// <summary>A drill's transfers in slices of equal width, and what happened meanwhile: what both pictures show.</summary>
/// <param name="Events">In order, fit to be printed.</param>
public sealed record Timeline(string Title, TimeSpan BucketWidth, IReadOnlyList<TimelineBucket> Buckets, IReadOnlyList<DrillEvent> Events)
{
    // What a reader can count in: 1, 2, 5 and their like.
    private static readonly int[] WidthsMs =
    [
        100,
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        20_000,
        30_000,
        60_000,
        120_000,
        300_000,
        600_000,
    ];

    public TimeSpan From => Buckets.Count == 0 ? TimeSpan.Zero : Buckets[0].From;

    public TimeSpan To => From + Buckets.Count * BucketWidth;

    /// <summary>Whether there are transfers to show.</summary>
    public bool IsEmpty => Buckets.All(bucket => bucket.Acknowledged + bucket.Refused + bucket.Unknown == 0);

    /// <param name="title">One line.</param>
    /// <param name="bucketsMax">The finest round width is taken that needs no more.</param>
    public static Timeline Of(string title, IReadOnlyList<Operation> operations, IReadOnlyList<DrillEvent> events, int bucketsMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bucketsMax, 1);
        DrillEvent[] shown =
        [
            .. events.OrderBy(happened => happened.At).Select(happened => happened with { Text = Printable(happened.Text) }),
        ];
        Operation[] transfers = [.. operations.Where(operation => operation.Kind == OperationKind.Transfer)];
        if (transfers.Length == 0 && shown.Length == 0)
            return new Timeline(Printable(title), TimeSpan.FromMilliseconds(WidthsMs[0]), [], []);

        var from = transfers
            .Select(transfer => transfer.Intended)
            .Concat(shown.Select(happened => happened.At))
            .Append(TimeSpan.Zero)
            .Min();
        var to = transfers.Select(transfer => transfer.Ended).Concat(shown.Select(happened => happened.At)).Append(from).Max();
        var width = WidthFor(from, to, bucketsMax);
        from = width * Math.Floor(from / width);
        var count = (int)((to - from) / width) + 1;
        var ended = transfers.ToLookup(transfer => (int)((transfer.Ended - from) / width));
        var due = transfers.ToLookup(transfer => (int)((transfer.Intended - from) / width));
        return new Timeline(
            Printable(title),
            width,
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(n => new TimelineBucket(
                        from + n * width,
                        ended[n].Count(transfer => transfer.Outcome == OperationOutcome.Acknowledged),
                        ended[n].Count(transfer => transfer.Outcome == OperationOutcome.Refused),
                        ended[n].Count(transfer => transfer.Outcome == OperationOutcome.Unknown),
                        Latency.Of(due[n])
                    )),
            ],
            shown
        );
    }

    /// <summary>How many of them that were a second.</summary>
    public double PerSecond(int count) => count / BucketWidth.TotalSeconds;

    /// <summary>At least one more bucket than the span needs: it may begin and end within one.</summary>
    private static TimeSpan WidthFor(TimeSpan from, TimeSpan to, int bucketsMax)
    {
        foreach (var width in WidthsMs.Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)))
        {
            if (Math.Floor(to / width) - Math.Floor(from / width) + 1 <= bucketsMax)
                return width;
        }
        return TimeSpan.FromSeconds(Math.Ceiling((to - from).TotalSeconds / Math.Max(1, bucketsMax - 1)) + 1);
    }

    /// <summary>On one line, and nothing that a terminal would obey or XML cannot hold.</summary>
    private static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var isControl =
                Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.OtherNotAssigned;
            printable.Append(isControl ? " " : rune.ToString());
        }
        return printable.ToString().Trim();
    }
}
