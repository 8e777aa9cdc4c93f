using CsCheck;
using QuickPay.Cli.Drills.History;

namespace QuickPay.Tests.Drills.History;

/// <summary>
/// The checker must miss nothing and must not cry wolf. A failed random test prints the number that its history was made from.
/// </summary>
public sealed class HistoryCheckerTests
{
    private const int Histories = 150;

    // Fewer would mean that the harm was hardly ever done.
    private const int HarmedMin = 40;

    private static readonly FinalBooks NoBooks = new([], [], [], 0);

    public static TheoryData<string> Harms => [.. Harm.All.Keys];

    [Fact]
    public void An_honest_history_has_no_faults() =>
        Gen.Int[0, int.MaxValue]
            .Sample(
                seed =>
                {
                    var history = BankHistory.Honest(seed);

                    var verdict = history.Judge();

                    Assert.True(verdict.Holds, Told(verdict));
                    Assert.Equal(history.Operations.Length, verdict.Counts.Operations);
                    Assert.Equal(history.Operations.Count(Harm.IsAcknowledged), verdict.Counts.Acknowledged);
                    Assert.Equal(
                        history.Operations.Count(operation => operation.Outcome == OperationOutcome.Refused),
                        verdict.Counts.Refused
                    );
                    Assert.Equal(history.Movements.Length, verdict.Counts.Rows);
                    Assert.Equal(history.Operations.Count(operation => operation.Seen is not null), verdict.Counts.BalancesSeen);
                },
                iter: 1_000
            );

    [Theory]
    [MemberData(nameof(Harms))]
    public void Every_harm_is_found_and_named(string harm)
    {
        var done = 0;
        for (var seed = 0; seed < Histories; seed++)
        {
            if (Harm.All[harm](BankHistory.Honest(seed), new Random(seed)) is not { } harmed)
                continue;
            done++;

            var verdict = harmed.History.Judge();

            Assert.True(
                verdict.Faults.Any(fault =>
                    fault.Kind == harmed.Kind
                    && (harmed.Operation is null || fault.Operation == harmed.Operation)
                    && (harmed.Account is null || fault.Account == harmed.Account)
                ),
                $"Seed {seed}: no {harmed.Kind} of {harmed.Operation?.ToString() ?? harmed.Account?.ToString()} in:{Told(verdict)}"
            );
        }
        Assert.InRange(done, HarmedMin, Histories);
    }

    [Fact]
    public void Every_kind_of_fault_is_done_by_some_harm() =>
        Assert.Equal(
            Enum.GetValues<FaultKind>(),
            Harm.All.Values.SelectMany(harm =>
                    Enumerable.Range(0, Histories).Select(seed => harm(BankHistory.Honest(seed), new Random(seed))?.Kind)
                )
                .OfType<FaultKind>()
                .Distinct()
                .Order()
        );

    /// <summary>What changes nothing but what one member was told is one fault, not an avalanche.</summary>
    [Theory]
    [InlineData("a transfer that moved is never answered")]
    [InlineData("a transfer that did not move is never answered")]
    [InlineData("one won came from nowhere")]
    [InlineData("an account ends below its floor")]
    [InlineData("a read does not add up")]
    [InlineData("a read shows an account that is nobody's")]
    [InlineData("a replaced primary answers after its successor")]
    public void A_single_harm_is_a_single_fault(string harm)
    {
        for (var seed = 0; seed < Histories; seed++)
        {
            if (Harm.All[harm](BankHistory.Honest(seed), new Random(seed)) is { } harmed)
                Assert.Equal(harmed.Kind, Assert.Single(harmed.History.Judge().Faults).Kind);
        }
    }

    /// <summary>Any versions at all, against the rule spelled out for each pair.</summary>
    [Fact]
    public void Stale_reads_are_exactly_those_that_a_pair_proves() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 30], Gen.Int[0, 12], Gen.Int[0, 5])
            .Array[0, 25]
            .Sample(drawn =>
            {
                Operation[] reads =
                [
                    .. drawn.Select((read, n) => Read(n, member: read.Item1, start: read.Item2, lasts: read.Item3, version: read.Item4)),
                ];
                var account = BankHistory.Id(1, 1);
                var books = new FinalBooks([new(account, 100, 0, 0, 0)], [new(account, 100, 0, 0, 0)], [], 0);

                var stale = HistoryChecker
                    .Judge(reads, books, [])
                    .Faults.Where(fault => fault.Kind == FaultKind.StaleRead)
                    .Select(fault => fault.Operation!.Value)
                    .Order();

                Assert.Equal(
                    from read in reads
                    where
                        reads.Any(other =>
                            other.Member == read.Member && other.Ended < read.Started && other.Seen!.Version > read.Seen!.Version
                        )
                    select read.Number,
                    stale
                );
            });

    /// <summary>Any timelines at all, against the rule spelled out for each pair.</summary>
    [Fact]
    public void Answers_out_of_order_are_exactly_those_that_a_pair_proves() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 12], Gen.UInt[0, 3])
            .Array[0, 25]
            .Sample(drawn =>
            {
                Operation[] transfers =
                [
                    .. drawn.Select(
                        (transfer, n) =>
                            Read(n, member: n, start: transfer.Item1, lasts: transfer.Item2, version: 0) with
                            {
                                Kind = OperationKind.Transfer,
                                Seen = null,
                                Timeline = transfer.Item3,
                            }
                    ),
                ];

                var split = HistoryChecker
                    .Judge(transfers, NoBooks, [])
                    .Faults.Where(fault => fault.Kind == FaultKind.SplitBrain)
                    .Select(fault => fault.Operation!.Value)
                    .Order();

                Assert.Equal(
                    from transfer in transfers
                    where
                        transfer.Timeline > 0
                        && transfers.Any(other => other.Ended < transfer.Started && other.Timeline > transfer.Timeline)
                    select transfer.Number,
                    split
                );
            });

    [Fact]
    public void Overlapping_reads_prove_nothing()
    {
        var account = BankHistory.Id(1, 1);
        var other = BankHistory.Id(1, 2);
        var books = new FinalBooks(
            [new(account, 100, 0, 7, 0), new(other, 0, 0, 0, 0)],
            [new(account, 90, 0, 8, 0), new(other, 10, 0, 1, 0)],
            [new(BankHistory.Id(2, 1), 1, account, other, 10, 8, 90, 0, 1, 10, 0)],
            0
        );
        var transfer = Read(1, member: 0, start: 0, lasts: 10, version: 8) with
        {
            Kind = OperationKind.Transfer,
            From = account,
            To = other,
            Amount = 10,
            TransferId = BankHistory.Id(2, 1),
            Seen = new SeenBalance(account, 8, 90, 0, 90),
        };
        Operation ReadFrom(int start) =>
            Read(2, member: 0, start, lasts: 5, version: 7) with
            {
                Seen = new SeenBalance(account, 7, 100, 0, 100),
            };

        Assert.True(HistoryChecker.Judge([transfer, ReadFrom(start: 9)], books, []).Holds);
        Assert.True(HistoryChecker.Judge([transfer, ReadFrom(start: 10)], books, []).Holds);
        var stale = Assert.Single(HistoryChecker.Judge([transfer, ReadFrom(start: 11)], books, []).Faults);
        Assert.Equal((FaultKind.StaleRead, 2L, account), (stale.Kind, stale.Operation, stale.Account));
        // An answer that did not spell the version out: the books know it.
        Assert.False(HistoryChecker.Judge([transfer with { Seen = null }, ReadFrom(start: 11)], books, []).Holds);
        // Another member may lag.
        Assert.True(HistoryChecker.Judge([transfer, ReadFrom(start: 11) with { Member = 1 }], books, []).Holds);
    }

    /// <summary>The position is read after the commit; others may have written past the switch by then, and lost it.</summary>
    [Fact]
    public void A_position_past_the_switch_is_no_fault_while_the_books_have_the_row()
    {
        var history = Enumerable
            .Range(0, Histories)
            .Select(seed => BankHistory.Honest(seed))
            .First(history => history.Timelines.Length == 1 && history.Movements.Length > 0);
        var first = history.Operations.First(Harm.IsAcknowledged);

        var verdict = history.With(first with { Timeline = 1, Lsn = history.Timelines[0].Lsn + 1 }).Judge();

        Assert.DoesNotContain(
            verdict.Faults,
            fault => fault.Kind == FaultKind.SplitBrain && fault.Says.Contains("past", StringComparison.Ordinal)
        );
        Assert.InRange(verdict.Counts.AcknowledgedPastSwitch, 1, history.Movements.Length);
    }

    [Fact]
    public void A_balance_from_before_the_drill_is_counted_and_not_judged()
    {
        var account = BankHistory.Id(1, 1);
        var books = new FinalBooks([new(account, 100, 0, 7, 0)], [new(account, 100, 0, 7, 0)], [], 0);
        var read = Read(1, member: 0, start: 0, lasts: 1, version: 6) with { Seen = new SeenBalance(account, 6, 55, 0, 55) };

        var verdict = HistoryChecker.Judge([read], books, []);

        Assert.True(verdict.Holds, Told(verdict));
        Assert.Equal((1, 1), (verdict.Counts.BalancesSeen, verdict.Counts.BalancesSeenOfBefore));
    }

    [Fact]
    public void Nothing_done_is_nothing_wrong() => Assert.True(HistoryChecker.Judge([], NoBooks, []).Holds);

    [Fact]
    public void Transfers_without_an_answer_may_be_there_once_or_not_and_are_counted() =>
        Gen.Int[0, int.MaxValue]
            .Sample(
                seed =>
                {
                    var honest = BankHistory.Honest(seed);
                    Operation[] transfers = [.. honest.Operations.Where(operation => operation.Kind == OperationKind.Transfer)];
                    Operation[] open =
                    [
                        .. transfers.Select(operation =>
                            operation with
                            {
                                Outcome = OperationOutcome.Unknown,
                                TransferId = null,
                                Seen = null,
                            }
                        ),
                    ];

                    var verdict = (honest with { Operations = open }).Judge();

                    Assert.Equal(transfers.Count(Harm.IsAcknowledged), verdict.Counts.UnresolvedPosted);
                    Assert.Equal(transfers.Length - transfers.Count(Harm.IsAcknowledged), verdict.Counts.UnresolvedAbsent);
                    Assert.Equal(
                        transfers.Select(operation => (FaultKind.Unresolved, (long?)operation.Number)).Order(),
                        verdict.Faults.Select(fault => (fault.Kind, fault.Operation)).Order()
                    );
                },
                iter: 100
            );

    [Fact]
    public void A_record_that_cannot_be_right_is_not_judged()
    {
        var read = Read(1, member: 0, start: 5, lasts: 1, version: 0) with { Seen = null };

        Assert.Throws<ArgumentException>(() => HistoryChecker.Judge([read, read], NoBooks, []));
        Assert.Throws<ArgumentException>(() => HistoryChecker.Judge([read with { Ended = TimeSpan.Zero }], NoBooks, []));
    }

    [Fact]
    public void A_fault_says_in_one_sentence_what_shows_it()
    {
        var account = BankHistory.Id(1, 1);
        var lost = Read(4711, member: 0, start: 2, lasts: 1, version: 0) with
        {
            Kind = OperationKind.Transfer,
            From = account,
            Amount = 30_000,
            TransferId = BankHistory.Id(2, 1),
            Seen = null,
        };

        var fault = Assert.Single(HistoryChecker.Judge([lost], NoBooks, []).Faults);

        Assert.Equal($"Operation 4711 (30000, as {BankHistory.Id(2, 1)}) was acknowledged at 3.000 s and is not in the books.", fault.Says);
    }

    private static Operation Read(long number, int member, int start, int lasts, long version) =>
        new()
        {
            Number = number,
            Kind = OperationKind.Balance,
            Member = member,
            Intended = TimeSpan.FromSeconds(start),
            Started = TimeSpan.FromSeconds(start),
            Ended = TimeSpan.FromSeconds(start + lasts),
            Outcome = OperationOutcome.Acknowledged,
            Seen = new SeenBalance(BankHistory.Id(1, 1), version, 100, 0, 100),
        };

    private static string Told(HistoryVerdict verdict) =>
        string.Join(Environment.NewLine + "  ", verdict.Faults.Select(fault => $"{fault.Kind}: {fault.Says}").Prepend(""));
}
