using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Report;
using QuickPay.Cli.Drills.Runs;

namespace QuickPay.Tests.Drills;

/// <summary>What a drill makes of what it saw.</summary>
public sealed class DrillRunTests
{
    private static readonly TimeSpan FaultAt = TimeSpan.FromSeconds(5);
    private static readonly HistoryCounts SomeCounts = new(100, 40, 2, 0, 0, 40, 1, 1, 50, 0, 0);

    [Fact]
    public void A_primarys_history_file_tells_where_each_timeline_begins() =>
        Assert.Equal(
            [new TimelineStart(2, 0x43_48A98), new TimelineStart(3, 0x1_0000_0010)],
            PrimaryWatch.Parse("1\t0/4348A98\tno recovery target specified\n\n2\t1/10\tno recovery target specified\n", current: 3)
        );

    [Fact]
    public void Drills_have_names_of_their_own_promises_and_stricter_goals()
    {
        var drills = DrillCatalogue.All(TimeSpan.FromMinutes(1));

        Assert.Equal(drills.Count, drills.Select(drill => drill.Name).Distinct().Count());
        Assert.All(drills, drill => Assert.True(drill.Goal <= drill.Promise, drill.Name));
        Assert.Contains(drills, drill => drill is { Name: "database", Promise.TotalSeconds: 120, Goal.TotalSeconds: 20 });
        Assert.Contains(drills, drill => drill is { Name: "api", Promise.TotalSeconds: 30, Goal.TotalSeconds: 3 });
        Assert.Contains(drills, drill => drill is { Name: "redis", Promise.TotalSeconds: 30, Goal.TotalSeconds: 5 });
    }

    [Theory]
    [InlineData(8, true, true)]
    [InlineData(15, true, false)]
    [InlineData(40, false, false)]
    public void An_outage_is_held_against_promise_and_goal(int seconds, bool held, bool meetsGoal)
    {
        var promise = Promises(Stall(TimeSpan.FromSeconds(seconds)), [])[0];

        Assert.Equal((held, (bool?)meetsGoal), (promise.Held, promise.MeetsGoal));
    }

    [Fact]
    public void What_never_goes_on_breaks_its_promise()
    {
        var endless = Stall(TimeSpan.FromSeconds(8))
            .Where(operation => operation.Ended < FaultAt || operation.Outcome != OperationOutcome.Acknowledged);

        var promise = Promises([.. endless], [])[0];

        Assert.False(promise.Held);
        Assert.Contains("never went on", promise.Seen, StringComparison.Ordinal);
    }

    public static TheoryData<FaultKind> Kinds => [.. Enum.GetValues<FaultKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_fault_breaks_one_promise(FaultKind kind)
    {
        var broken = Promises(Stall(TimeSpan.FromSeconds(1)), [new Fault(kind, 7, null, "Operation 7 shows it.")])
            .Where(promise => !promise.Held);

        Assert.Contains("Operation 7 shows it.", Assert.Single(broken).Seen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_of_nothing_holds_no_promise() =>
        Assert.Contains(
            DrillJudge.Promises(Impact.Of([], FaultAt), new HistoryVerdict([], new HistoryCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), ADrill),
            promise => promise is { Held: false, Text: "There was something to judge" }
        );

    [Fact]
    public void A_report_is_read_as_it_was_written()
    {
        var folder = Directory.CreateTempSubdirectory("quickpay-report-").FullName;
        try
        {
            var history = Stall(TimeSpan.FromSeconds(2));
            var impact = Impact.Of(history, FaultAt);
            var result = new DrillResult(
                "api",
                DateTimeOffset.UnixEpoch,
                100,
                7,
                2.5,
                30,
                3,
                0.25,
                [.. Promises(history, [])],
                impact.Errors,
                [new DrillEvent(FaultAt, "kill -9 <of> api-1")],
                SomeCounts,
                [],
                impact.Outcomes,
                impact.Before,
                impact.During,
                impact.After
            );

            var written = DrillReport.Write(folder, result, history);
            // A drill that was ended half-way leaves a folder without its last file.
            Directory.CreateDirectory(Path.Combine(folder, "20260101-000000-zone"));

            var read = Assert.Single(DrillReport.ReadAll(folder));
            Assert.Equivalent(written, read);
            Assert.Equal(history.Count, File.ReadLines(Path.Combine(written.Report!, "history.jsonl")).Count());
            Assert.Contains(
                "kill -9 &lt;of&gt; api-1",
                File.ReadAllText(Path.Combine(written.Report!, "timeline.svg")),
                StringComparison.Ordinal
            );
            Assert.Contains(
                "kill -9 <of> api-1",
                File.ReadAllText(Path.Combine(written.Report!, "timeline.txt")),
                StringComparison.Ordinal
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static readonly Drill ADrill = new(
        "any",
        "nothing",
        TimeSpan.FromSeconds(30),
        TimeSpan.FromSeconds(10),
        (_, _) => Task.CompletedTask
    );

    private static List<DrillPromise> Promises(IReadOnlyList<Operation> operations, IReadOnlyList<Fault> faults) =>
        [.. DrillJudge.Promises(Impact.Of(operations, FaultAt), new HistoryVerdict(faults, SomeCounts), ADrill)];

    /// <summary>A transfer each 100 ms for ten seconds; those of the stall are answered at its end.</summary>
    private static List<Operation> Stall(TimeSpan stall) =>
        [
            .. Enumerable
                .Range(0, 100)
                .Select(n => (Number: n, Due: TimeSpan.FromMilliseconds(100 * n)))
                .Select(due => new Operation
                {
                    Number = due.Number,
                    Kind = OperationKind.Transfer,
                    Member = 0,
                    Intended = due.Due,
                    Started = due.Due,
                    Ended = due.Due < FaultAt || due.Due > FaultAt + stall ? due.Due + TimeSpan.FromMilliseconds(10) : FaultAt + stall,
                    Outcome = OperationOutcome.Acknowledged,
                    Errors = due.Due >= FaultAt && due.Due <= FaultAt + stall ? ["timeout"] : [],
                }),
        ];
}
