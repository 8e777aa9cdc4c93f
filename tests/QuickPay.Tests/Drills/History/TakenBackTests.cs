using QuickPay.Cli.Drills.History;

namespace QuickPay.Tests.Drills.History;

/// <summary>Which reads a promotion has taken back, and that no other is forgotten.</summary>
public sealed class TakenBackTests
{
    private static readonly TimelineStart[] Timelines = [new(2, 100), new(3, 200)];

    [Theory]
    [InlineData(1, 101, true)]
    [InlineData(1, 100, false)]
    [InlineData(2, 150, false)]
    [InlineData(2, 201, true)]
    [InlineData(3, 999, false)]
    public void A_read_is_taken_back_past_the_point_where_the_next_timeline_left_its_own(int timeline, int lsn, bool isTakenBack) =>
        Assert.Equal(isTakenBack, TakenBack.IsReadOf(Asked(OperationKind.Balance, (uint)timeline, (ulong)lsn), Timelines));

    [Fact]
    public void An_acknowledged_transfer_is_never_forgotten()
    {
        var transfer = Asked(OperationKind.Transfer, timeline: 1, lsn: 150);
        var read = Asked(OperationKind.Balance, timeline: 1, lsn: 150);

        Assert.Equal([transfer, read with { Seen = null }], TakenBack.Forget([transfer, read], Timelines));
    }

    private static Operation Asked(OperationKind kind, uint timeline, ulong lsn) =>
        new()
        {
            Number = 1,
            Kind = kind,
            Member = 0,
            Intended = TimeSpan.Zero,
            Started = TimeSpan.Zero,
            Ended = TimeSpan.FromSeconds(1),
            Outcome = OperationOutcome.Acknowledged,
            Seen = new SeenBalance(BankHistory.Id(1, 1), 1, 10, 0, 10),
            Timeline = timeline,
            Lsn = lsn,
        };
}
