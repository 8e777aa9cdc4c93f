using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Report;
using static QuickPay.Tests.Drills.Report.Traffic;

namespace QuickPay.Tests.Drills.Report;

public sealed class TimelineTests
{
    [Theory]
    [InlineData(19, 200, 100)]
    [InlineData(20, 100, 500)] // 20.02 s need one more than 100 slices of 0.2 s
    [InlineData(60, 74, 1_000)]
    [InlineData(60, 160, 500)]
    [InlineData(600, 74, 10_000)]
    [InlineData(3_600, 74, 60_000)]
    public void Slices_have_a_round_width_that_is_as_fine_as_fits(int seconds, int bucketsMax, int widthMs)
    {
        var timeline = Timeline.Of("", [Transfer(0, 0.02), Transfer(seconds, seconds + 0.02)], [], bucketsMax);

        Assert.Equal(widthMs, timeline.BucketWidth.TotalMilliseconds);
        Assert.InRange(timeline.Buckets.Count, 1, bucketsMax);
    }

    [Fact]
    public void Every_transfer_ends_in_one_slice_and_its_latency_is_where_it_was_due()
    {
        Operation[] operations =
        [
            Transfer(0.5, 3.5),
            Transfer(3.1, 3.2),
            Transfer(3.3, 3.9, OperationOutcome.Refused),
            Transfer(1.2, 4, OperationOutcome.Unknown),
            Transfer(1, 2, kind: OperationKind.Balance),
        ];

        var timeline = Timeline.Of("", operations, [], 5);

        Assert.Equal(TimeSpan.FromSeconds(1), timeline.BucketWidth);
        Assert.Equal([0, 0, 0, 2, 0], timeline.Buckets.Select(bucket => bucket.Acknowledged));
        Assert.Equal([0, 0, 0, 1, 0], timeline.Buckets.Select(bucket => bucket.Refused));
        Assert.Equal([0, 0, 0, 0, 1], timeline.Buckets.Select(bucket => bucket.Unknown));
        Assert.Equal([3_000, null, null, 100, null], timeline.Buckets.Select(bucket => bucket.Latency.P99Ms));
    }

    [Fact]
    public void Events_stretch_the_picture_and_stand_in_order()
    {
        var timeline = Timeline.Of("", [.. Steady(0, 2)], [Event(7, "late"), Event(-3.5, "early")], 20);

        Assert.Equal(["early", "late"], timeline.Events.Select(happened => happened.Text));
        Assert.True(timeline.From <= TimeSpan.FromSeconds(-3.5) && timeline.To > TimeSpan.FromSeconds(7));
    }

    [Fact]
    public void A_drill_of_a_day_fits_too()
    {
        var timeline = Timeline.Of("", [Transfer(0, 0.1), Transfer(86_399, 86_400)], [], 74);

        Assert.InRange(timeline.Buckets.Count, 50, 74);
        Assert.Equal(2, timeline.Buckets.Sum(bucket => bucket.Acknowledged));
    }

    [Fact]
    public void A_terminal_shows_rates_failures_latency_and_events()
    {
        var timeline = Timeline.Of("database", WithAFailover(), [Event(4.95, "kill -9 of pg-a"), Event(8.9, "pg-b promoted")], 20);

        Assert.Equal(
            """
            database, 1 s a column
            ok/s    ▂▂▂▂▂····█▂▂▂▂▂▂▂▂▂▂  up to 49/s
            failed           █            1 in all
            P99     ▁▁▁▁▁█▇▅▃▁▁▁▁▁▁▁▁▁▁▁  up to 3,910 ms
                    └0 s        └12 s
                        A   B
            A    4.95 s  kill -9 of pg-a
            B    8.90 s  pg-b promoted

            """.ReplaceLineEndings("\n"),
            TimelineText.Render(timeline)
        );
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(200)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        DrillEvent[] events = [.. Enumerable.Range(0, 60).Select(n => Event(n / 4.0, new string('x', 3 * n)))];
        var timeline = Timeline.Of(new string('t', 300), WithAFailover(), events, TimelineText.BucketsMax(width));

        var lines = TimelineText.Render(timeline, width).Split('\n');

        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.Equal(
            60,
            lines.Count(line =>
                line.Contains(" s  x", StringComparison.Ordinal)
                || line.EndsWith(" s", StringComparison.Ordinal) && line[1] == ' ' && line[0] != ' '
            )
        );
    }

    [Fact]
    public void Events_at_one_moment_stand_below_each_other()
    {
        var text = TimelineText.Render(Timeline.Of("", [.. Steady(0, 5)], [Event(2, "one"), Event(2, "two"), Event(4, "three")], 10));

        Assert.Contains("\n            A   C\n            B\n", text);
    }

    [Fact]
    public void A_terminal_gets_no_control_characters()
    {
        var timeline = Timeline.Of("a\u001b[31m\nb", [.. Steady(0, 1)], [Event(0, "red\u001b[2J\u202e\r\ud800 end")], 20);

        Assert.DoesNotContain(TimelineText.Render(timeline), letter => char.IsControl(letter) && letter != '\n');
        Assert.Equal("a [31m b", timeline.Title);
        Assert.Equal("red [2J  \ufffd end", timeline.Events[0].Text);
    }

    [Fact]
    public void Without_transfers_the_picture_says_so()
    {
        Assert.Equal("redis\nNo transfer was recorded.\n", TimelineText.Render(Timeline.Of("redis", [], [], 20)));
        Assert.Equal(
            "redis\nNo transfer was recorded.\nA    3.00 s  stopped\n",
            TimelineText.Render(Timeline.Of("redis", [Transfer(1, 2, kind: OperationKind.LogIn)], [Event(3, "stopped")], 20))
        );
    }

    private static DrillEvent Event(double seconds, string text) => new(TimeSpan.FromSeconds(seconds), text);
}
