using System.Text.Json;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Statistics;

namespace QuickPay.Functions.Statistics;

/// <summary>
/// A day in CloudWatch's embedded metric format: log lines out of which it makes metrics. One line for the day and one for each currency, as a
/// line has one value for a dimension. They may come twice, so of these metrics a maximum is what counts, never a sum.
/// </summary>
internal static class DayMetrics
{
    private const string Namespace = "QuickPay";

    public static IEnumerable<string> Lines(DaySum day)
    {
        yield return Line(
            day.Day,
            dimensions: [],
            [("Postings", "Count"), ("PeakTps", "Count/Second"), ("ActiveMembers", "Count")],
            new()
            {
                ["Postings"] = day.Load.Postings,
                ["PeakTps"] = day.Load.PeakPostings,
                ["ActiveMembers"] = day.ActiveMembers,
            }
        );
        foreach (var currency in day.Volumes.GroupBy(volume => volume.Currency))
        {
            yield return Line(
                day.Day,
                dimensions: ["Currency"],
                [("Volume", "None")],
                new() { ["Currency"] = currency.Key.Code(), ["Volume"] = Sum(currency.Select(volume => volume.Amount)) }
            );
        }
    }

    /// <summary>Minor units; stops at the largest number, as the sums do that it is made of.</summary>
    private static long Sum(IEnumerable<long> amounts) =>
        amounts.Aggregate(0L, (sum, amount) => amount > long.MaxValue - sum ? long.MaxValue : sum + amount);

    private static string Line(DateOnly day, string[] dimensions, (string Name, string Unit)[] metrics, Dictionary<string, object?> values)
    {
        values["Day"] = $"{day:yyyy-MM-dd}";
        values["_aws"] = new
        {
            // The day's last minute: what is older than a day shows up in CloudWatch two days later.
            Timestamp = new DateTimeOffset(LedgerDay.StartOf(day.AddDays(1)).AddMinutes(-1)).ToUnixTimeMilliseconds(),
            CloudWatchMetrics = new[]
            {
                new
                {
                    Namespace,
                    Dimensions = new[] { dimensions },
                    Metrics = metrics.Select(metric => new { metric.Name, metric.Unit }),
                },
            },
        };
        return JsonSerializer.Serialize(values);
    }
}
