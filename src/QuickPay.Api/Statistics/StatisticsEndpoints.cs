using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using QuickPay.Api.Operators;
using QuickPay.Api.Sessions;
using QuickPay.Api.Transfers;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Statistics;

namespace QuickPay.Api.Statistics;

/// <summary>What happened, summed up: a member's own month, and everybody's days for operators.</summary>
public static class StatisticsEndpoints
{
    private const int SecondsAnHour = 60 * 60;
    private static readonly DateOnly Earliest = new(2000, 1, 1);
    private static readonly DateOnly Latest = new(2200, 12, 31);

    /// <summary>Maps <c>/v1/statistics</c> and <c>/v1/operator/statistics</c>.</summary>
    public static void MapStatistics(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/v1/statistics/me", ReadMonthAsync)
            .WithTags("Statistics")
            .RequireSession()
            .WithName("GetMyStatistics")
            .WithSummary("The member's month");
        routes
            .MapGet("/v1/operator/statistics", ReadReportAsync)
            .WithTags("Operators")
            .RequireOperator()
            .WithName("GetOperatorStatistics")
            .WithSummary("Everybody's days and hours");
    }

    private static async Task<Results<Ok<MemberMonthView>, Problem>> ReadMonthAsync(
        string? month,
        HttpContext context,
        MemberStatistics statistics
    )
    {
        if (!TryParse(month, "yyyy-MM", out var first))
        {
            return Problems.Invalid("month", "Must be a month of Asia/Seoul, such as 2026-11.");
        }
        var seen = Consistency.Read(context.Request)?.Position ?? default;
        if (await statistics.ReadAsync(context.GetCaller().MemberId, first, seen, context.RequestAborted) is not { } read)
        {
            return Problems.Of(ProblemCode.Overloaded);
        }
        if (seen.Timeline > read.Timeline)
        {
            // This server reads from a primary that has been replaced, and does not know it.
            return Problems.Of(ProblemCode.UnavailableRetry);
        }
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new MemberMonthView(month!, read.AsOf, [.. read.Accounts.Select(View)]));
    }

    private static async Task<Results<Ok<OperatorStatisticsView>, Problem>> ReadReportAsync(
        string? from,
        string? to,
        HttpContext context,
        OperatorStatistics statistics
    )
    {
        var invalid = Problems.Of(ProblemCode.InvalidRequest);
        if (!TryParse(from, "yyyy-MM-dd", out var first))
        {
            invalid.Errors["from"] = ["Must be a day of Asia/Seoul, such as 2026-11-01."];
        }
        if (!TryParse(to, "yyyy-MM-dd", out var last))
        {
            invalid.Errors["to"] = ["Must be a day of Asia/Seoul, such as 2026-12-01."];
        }
        else if (invalid.Errors.Count == 0 && last <= first)
        {
            invalid.Errors["to"] = ["Must be after `from`: it is the first day that is left out."];
        }
        else if (invalid.Errors.Count == 0 && last.DayNumber - first.DayNumber > OperatorStatistics.DaysMax)
        {
            invalid.Errors["to"] = [$"Must be at most {OperatorStatistics.DaysMax} days after `from`."];
        }
        if (invalid.Errors.Count > 0)
        {
            return invalid;
        }
        return await statistics.ReadAsync(first, last, context.RequestAborted) is { } report
            ? TypedResults.Ok(View(first, last, report))
            : Problems.Of(ProblemCode.Overloaded);
    }

    private static bool TryParse(string? text, string format, out DateOnly day) =>
        DateOnly.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out day)
        && day >= Earliest
        && day <= Latest;

    private static AccountMonthView View(AccountMonth account) =>
        new(account.AccountId, account.Currency.Code(), View(account.In), View(account.Out));

    private static FlowView View(SideOfMonth side)
    {
        // A capture shows as the transfer that it completes.
        var kinds = side
            .Kinds.GroupBy(sum => TransferWords.Of(sum.Kind))
            .Select(kind => new KindView(kind.Key, kind.Sum(sum => sum.Transfers), Sum(kind.Select(sum => sum.Amount))))
            .ToList();
        return new FlowView(
            kinds.Sum(kind => kind.Transfers),
            Sum(kinds.Select(kind => kind.Amount)),
            kinds,
            [.. side.Counterparties.Select(sum => new CounterpartyView(sum.AccountId, sum.Transfers, sum.Amount))]
        );
    }

    private static OperatorStatisticsView View(DateOnly from, DateOnly to, OperatorReport report)
    {
        // Of what is summed up: a range may begin before the first transfer.
        var seconds = report.Days.Sum(day => (long)day.HoursSummedUp) * SecondsAnHour;
        var busiest = report.Days.Select(day => day.Load).DefaultIfEmpty().MaxBy(load => load.PeakPostings);
        return new OperatorStatisticsView(
            from,
            to,
            report.Until,
            View(busiest with { Postings = report.Days.Sum(day => day.Load.Postings) }, seconds),
            View(report.Days.SelectMany(day => day.Volumes)),
            [
                .. report.Days.Select(day => new DayView(
                    day.Day,
                    View(day.Load, day.HoursSummedUp * SecondsAnHour),
                    day.ActiveMembers,
                    View(day.Volumes)
                )),
            ],
            [
                .. report.Hours.Select(hour => new HourView(
                    hour.Hour,
                    View(hour.Load, SecondsAnHour),
                    hour.ActiveMembers,
                    View(hour.Volumes)
                )),
            ],
            [.. report.TopAccounts.Select(top => new TopCounterpartyView(top.AccountId, top.Currency.Code(), top.Transfers, top.Amount))]
        );
    }

    private static LoadView View(Load load, long seconds) =>
        new(load.Postings, seconds == 0 ? 0 : Math.Round((decimal)load.Postings / seconds, 3), load.PeakPostings, load.PeakAt);

    private static List<VolumeView> View(IEnumerable<VolumeSum> volumes) =>
        [
            .. volumes
                .GroupBy(sum => (Kind: TransferWords.Of(sum.Kind), sum.Currency))
                .OrderBy(group => (group.Key.Currency, group.Key.Kind))
                .Select(group => new VolumeView(
                    group.Key.Kind,
                    group.Key.Currency.Code(),
                    group.Sum(sum => sum.Transfers),
                    Sum(group.Select(sum => sum.Amount))
                )),
        ];

    /// <summary>It stops at the largest number, as the sums in the database do.</summary>
    private static long Sum(IEnumerable<long> amounts) =>
        (long)Int128.Min(amounts.Aggregate(Int128.Zero, (sum, amount) => sum + amount), long.MaxValue);
}
