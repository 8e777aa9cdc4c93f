using QuickPay.Cli.Drills.History;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>One thing that will be wanted.</summary>
/// <param name="Number">From 1, without a gap.</param>
/// <param name="Due">Since the beginning.</param>
/// <param name="Member">Who, as an index.</param>
/// <param name="To">A transfer's recipient, another member.</param>
/// <param name="Amount">A transfer's, in minor units.</param>
internal readonly record struct PlannedOperation(long Number, TimeSpan Due, OperationKind Kind, int Member, int To, long Amount);

/// <summary>
/// Who does what when: evenly spread, so that a gap in what succeeds is the service's, and the same again from the same seed. Log-ins come
/// at even distances and in turn, because each costs a server much and a phone number has a limit of its own; the rest is drawn.
/// </summary>
internal static class TrafficSchedule
{
    public static IEnumerable<PlannedOperation> Of(TrafficOptions options, int members)
    {
        options.RequireSense();
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 2);
        var random = new Random(options.Seed);
        // In millionths, so that the distances are exact for as long as it runs.
        var logInShare = Math.Min(options.LogInPercent * 10_000L, options.LogInsPerSecondMax * 1_000_000L / options.Rate);
        var transferShare = options.TransferPercent * 10_000L;
        for (long number = 1; ; number++)
        {
            var due = TimeSpan.FromTicks((number - 1) * TimeSpan.TicksPerSecond / options.Rate);
            var logIns = number * logInShare / 1_000_000;
            if (logIns > (number - 1) * logInShare / 1_000_000)
            {
                yield return new PlannedOperation(number, due, OperationKind.LogIn, (int)(logIns % members), 0, 0);
                continue;
            }
            var member = random.Next(members);
            if (random.NextInt64(1_000_000 - logInShare) < transferShare)
            {
                var to = (member + 1 + random.Next(members - 1)) % members;
                var amount = random.NextInt64(1, options.AmountMax + 1);
                yield return new PlannedOperation(number, due, OperationKind.Transfer, member, to, amount);
            }
            else
            {
                yield return new PlannedOperation(number, due, OperationKind.Balance, member, 0, 0);
            }
        }
    }
}
