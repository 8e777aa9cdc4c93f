using QuickPay.Cli.Drills.History;

namespace QuickPay.Tests.Drills.History;

/// <summary>A member who gave up does not know; the repetition under the same key does, and the books have to fit that.</summary>
public sealed class ResolutionTests
{
    private static readonly Guid Kim = new("0198c0de-0000-7000-8000-000000000001");
    private static readonly Guid Lee = new("0198c0de-0000-7000-8000-000000000002");
    private static readonly Guid Row = new("0198c0de-0000-7000-8000-000000000003");

    private static readonly Operation GivenUp = new()
    {
        Number = 1,
        Kind = OperationKind.Transfer,
        Member = 0,
        Intended = TimeSpan.Zero,
        Started = TimeSpan.Zero,
        Ended = TimeSpan.FromSeconds(30),
        Outcome = OperationOutcome.Unknown,
        Errors = ["timeout"],
        From = Kim,
        To = Lee,
        Amount = 10,
    };

    [Fact]
    public void Done_after_all_has_to_be_in_the_books()
    {
        var known = GivenUp with { Resolution = new Resolution(OperationOutcome.Acknowledged, TimeSpan.FromSeconds(40), Row, null) };

        var held = Judge(known, isPosted: true);
        Assert.Empty(held.Faults);
        Assert.Equal(1, held.Counts.ResolvedPosted);
        Assert.Equal(FaultKind.Lost, Assert.Single(Judge(known, isPosted: false).Faults).Kind);
    }

    [Fact]
    public void Done_under_another_id_is_an_alteration()
    {
        var known = GivenUp with { Resolution = new Resolution(OperationOutcome.Acknowledged, TimeSpan.FromSeconds(40), Kim, null) };

        Assert.Equal(FaultKind.Altered, Assert.Single(Judge(known, isPosted: true).Faults).Kind);
    }

    [Fact]
    public void Refused_after_all_may_not_be_in_the_books()
    {
        var known = GivenUp with
        {
            Resolution = new Resolution(OperationOutcome.Refused, TimeSpan.FromSeconds(40), null, "insufficient_funds"),
        };

        var held = Judge(known, isPosted: false);
        Assert.Empty(held.Faults);
        Assert.Equal(1, held.Counts.ResolvedRefused);
        Assert.Equal(FaultKind.Invented, Assert.Single(Judge(known, isPosted: true).Faults).Kind);
    }

    [Fact]
    public void What_nobody_asked_again_stays_unresolved() =>
        Assert.Equal(FaultKind.Unresolved, Assert.Single(Judge(GivenUp, isPosted: true).Faults).Kind);

    [Fact]
    public void What_was_never_sent_may_not_be_in_the_books()
    {
        var notSent = GivenUp with { Attempts = 0, Errors = ["not_sent"] };

        Assert.Empty(Judge(notSent, isPosted: false).Faults);
        Assert.Equal(FaultKind.Invented, Assert.Single(Judge(notSent, isPosted: true).Faults).Kind);
    }

    private static HistoryVerdict Judge(Operation operation, bool isPosted)
    {
        AccountBalance[] before = [new(Kim, 100, 0, 1, 0), new(Lee, 100, 0, 1, 0)];
        return isPosted
            ? HistoryChecker.Judge(
                [operation],
                new FinalBooks(
                    before,
                    [new(Kim, 90, 0, 2, 0), new(Lee, 110, 0, 2, 0)],
                    [new PostedTransfer(Row, operation.Number, Kim, Lee, 10, 2, 90, 0, 2, 110, 0)],
                    0
                ),
                []
            )
            : HistoryChecker.Judge([operation], new FinalBooks(before, before, [], 0), []);
    }
}
