using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Report;
using static QuickPay.Tests.Drills.Report.Traffic;

namespace QuickPay.Tests.Drills.Report;

public sealed class ImpactTests
{
    [Fact]
    public void A_failover_is_the_time_from_the_last_success_before_it_to_the_first_after_it()
    {
        var impact = Impact.Of(WithAFailover(), Seconds(4.95));

        // 4.92 s is the end of the transfer that was due at 4.9 s, but nobody waited again before 5 s.
        Assert.Equal(new Gap(Seconds(5), Seconds(9.01), true), impact.LongestGap);
        Assert.Equal(Seconds(4.01), impact.Outage);
        Assert.Equal(Seconds(9.01), impact.RecoveredAt);
        Assert.Equal((Seconds(5), Seconds(9.39)), (impact.FirstFailure, impact.LastFailure));
        Assert.Equal(40, impact.Failed);
        Assert.Equal(new OutcomeCounts(50 + 39 + 110, 0, 1), impact.Outcomes[OperationKind.Transfer]);
        Assert.Equal(
            [("connection_lost", 39), ("status_502", 39), ("timeout", 1)],
            impact.Errors.Select(error => (error.Key, error.Value)).OrderBy(error => error.Key)
        );
        // Due between 4.95 s and 9.01 s: those forty, and the one of 9.0 s, which was well.
        Assert.Equal(40 / 41.0, impact.ShareAffected, 9);
    }

    [Fact]
    public void Somebody_who_waits_makes_the_gap_begin_at_the_last_success()
    {
        Operation[] transfers = [Transfer(0, 1), Transfer(0.5, 8), Transfer(7.9, 8.1)];

        Assert.Equal(new Gap(Seconds(1), Seconds(8), true), Impact.Of(transfers, Seconds(2)).LongestGap);
    }

    /// <summary>A client that cannot send is no excuse: what was due then waited.</summary>
    [Fact]
    public void Latency_counts_from_when_a_transfer_was_due()
    {
        Operation[] transfers = [Transfer(0, 0.01), Transfer(due: 1, started: 3, ended: 3.01), Transfer(5, 5.01)];

        var impact = Impact.Of(transfers, Seconds(0.5));

        Assert.Equal(new Latency(1, 10, 10, 10), impact.Before);
        Assert.Equal(new Latency(1, 2_010, 2_010, 2_010), impact.During);
        Assert.Equal(1, impact.After.Count);
        Assert.Equal(Seconds(2.01), impact.Outage);
    }

    [Fact]
    public void A_pause_in_the_traffic_is_no_outage()
    {
        Operation[] transfers = [.. Steady(0, 5), .. Steady(60, 65)];

        var impact = Impact.Of(transfers, Seconds(3));

        Assert.Equal(Seconds(0.02), impact.LongestGap!.Length);
        Assert.Equal((TimeSpan.Zero, Seconds(3)), (impact.Outage, impact.RecoveredAt));
        Assert.Equal((0, 0.0), (impact.Failed, impact.ShareAffected));
        Assert.Null(impact.FirstFailure);
        Assert.Null(impact.LastFailure);
    }

    [Fact]
    public void A_gap_before_the_fault_is_not_its_doing()
    {
        Operation[] transfers = [Transfer(0, 4), .. Steady(4, 8)];

        var impact = Impact.Of(transfers, Seconds(5));

        Assert.Equal(new Gap(TimeSpan.Zero, Seconds(4), true), impact.UsualGap);
        Assert.Equal(TimeSpan.Zero, impact.Outage);
    }

    [Fact]
    public void Who_never_recovers_has_no_recovery()
    {
        Operation[] transfers =
        [
            .. Steady(0, 5),
            Transfer(5, 15, OperationOutcome.Unknown),
            Transfer(6, 16, OperationOutcome.Refused, ["unavailable_retry"]),
        ];

        var impact = Impact.Of(transfers, Seconds(5));

        Assert.Equal(new Gap(Seconds(5), Seconds(16), false), impact.LongestGap);
        Assert.Null(impact.RecoveredAt);
        Assert.Null(impact.Outage);
        Assert.Equal((2, 1.0), (impact.Failed, impact.ShareAffected));
        Assert.Equal((0, 0), (impact.During.Count, impact.After.Count));
    }

    [Fact]
    public void What_the_ledger_refuses_by_its_rules_is_neither_failure_nor_success()
    {
        Operation[] transfers =
        [
            .. Steady(0, 5),
            Transfer(5, 5.02, OperationOutcome.Refused, ["insufficient_funds"]),
            Transfer(5.5, 8, errors: ["overloaded"]),
        ];

        var impact = Impact.Of(transfers, Seconds(5));

        Assert.Equal(new Gap(Seconds(5.5), Seconds(8), true), impact.LongestGap);
        Assert.Equal((1, Seconds(5.5)), (impact.Failed, impact.FirstFailure));
        Assert.Equal(1, impact.Outcomes[OperationKind.Transfer].Refused);
    }

    /// <summary>Log-ins and balances do not end a gap in transfers, but their failures are failures.</summary>
    [Fact]
    public void Other_calls_fail_too()
    {
        Operation[] operations =
        [
            .. Steady(0, 5),
            Transfer(5.5, 5.6, kind: OperationKind.Balance),
            Transfer(6, 7, OperationOutcome.Refused, ["status_502"], kind: OperationKind.LogIn),
            Transfer(5.2, 9),
        ];

        var impact = Impact.Of(operations, Seconds(5));

        Assert.Equal(new Gap(Seconds(5.2), Seconds(9), true), impact.LongestGap);
        Assert.Equal((Seconds(6), Seconds(7)), (impact.FirstFailure, impact.LastFailure));
        Assert.Equal(new OutcomeCounts(0, 1, 0), impact.Outcomes[OperationKind.LogIn]);
        Assert.Equal(new OutcomeCounts(1, 0, 0), impact.Outcomes[OperationKind.Balance]);
    }

    [Fact]
    public void A_failure_that_was_over_before_the_fault_is_not_its_doing()
    {
        Operation[] transfers =
        [
            Transfer(0, 1, OperationOutcome.Unknown, ["timeout"]),
            Transfer(1.5, 3, errors: ["timeout"]),
            .. Steady(3, 5),
        ];

        var impact = Impact.Of(transfers, Seconds(2));

        // It began before the fault and failed at an unknown moment until 3 s: at the earliest, at the fault.
        Assert.Equal((1, Seconds(2), Seconds(3)), (impact.Failed, impact.FirstFailure, impact.LastFailure));
        Assert.Equal(2, impact.Errors["timeout"]);
    }

    [Fact]
    public void Nothing_done_says_nothing()
    {
        var impact = Impact.Of([], Seconds(1));

        Assert.Null(impact.LongestGap);
        Assert.Null(impact.RecoveredAt);
        Assert.Equal((0, 0.0), (impact.Failed, impact.ShareAffected));
        Assert.Equal(new Latency(0, null, null, null), impact.During);
        Assert.Empty(impact.Outcomes);
    }

    [Fact]
    public void A_percentile_is_a_value_that_occurred()
    {
        var transfers = Enumerable.Range(1, 200).Select(n => Transfer(0, n / 1000.0)).Append(Transfer(0, 9, OperationOutcome.Unknown));

        Assert.Equal(new Latency(200, 100, 198, 200), Latency.Of(transfers));
    }
}
