using QuickPay.Cli.Drills.History;

namespace QuickPay.Tests.Drills.Report;

/// <summary>Operations by their times in seconds.</summary>
internal static class Traffic
{
    public static Operation Transfer(
        double due,
        double ended,
        OperationOutcome outcome = OperationOutcome.Acknowledged,
        string[]? errors = null,
        double? started = null,
        OperationKind kind = OperationKind.Transfer
    ) =>
        new()
        {
            Number = 0,
            Kind = kind,
            Member = 0,
            Intended = Seconds(due),
            Started = Seconds(started ?? due),
            Ended = Seconds(ended),
            Outcome = outcome,
            Errors = errors ?? [],
        };

    /// <summary>To the millisecond: the fractions of a binary number are none of a test's business.</summary>
    public static TimeSpan Seconds(double seconds) => TimeSpan.FromMilliseconds(Math.Round(seconds * 1_000));

    /// <summary>Ten transfers a second, each answered after 20 ms.</summary>
    public static IEnumerable<Operation> Steady(double from, double to)
    {
        for (var n = 0; from + n * 0.1 < to - 0.001; n++)
            yield return Transfer(from + n * 0.1, from + n * 0.1 + 0.02);
    }

    /// <summary>
    /// 20 s of ten transfers a second; what is due from 5 s to 9 s fails at once, is sent again and succeeds between 9 and 9.4 s; the
    /// first of them stays unknown.
    /// </summary>
    public static Operation[] WithAFailover() =>
        [
            .. Steady(0, 5),
            Transfer(5, 9, OperationOutcome.Unknown, ["timeout"]),
            .. Enumerable.Range(1, 39).Select(n => Transfer(5 + n * 0.1, 9 + n * 0.01, errors: ["connection_lost", "status_502"])),
            .. Steady(9, 20),
        ];
}
