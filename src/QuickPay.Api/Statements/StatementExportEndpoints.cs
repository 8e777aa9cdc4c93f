using Microsoft.AspNetCore.Http.HttpResults;
using QuickPay.Api.Sessions;
using QuickPay.Ledger;
using QuickPay.Postgres;
using QuickPay.Transfers;

namespace QuickPay.Api.Statements;

/// <summary>Statements to keep: all that happened on an account in a period, in one file.</summary>
public static class StatementExportEndpoints
{
    internal const int YearsMax = 5;

    public static IServiceCollection AddStatementExport(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<StatementOptions>()
            .Bind(configuration.GetSection(StatementOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        return services.AddSingleton<StatementExportPlaces>();
    }

    /// <summary>Maps <c>/v1/accounts/{id}/statement</c>.</summary>
    public static RouteHandlerBuilder MapStatementExport(this RouteGroupBuilder accounts) =>
        accounts
            .MapGet("/{id}/statement", ExportAsync)
            .WithTags("Statements")
            .WithSummary("A statement to keep or print")
            .WithName("ExportStatement");

    private static async Task<Results<StatementExport, Problem>> ExportAsync(
        string id,
        HttpContext context,
        ReadReplicas replicas,
        StatementExportPlaces places,
        string? from,
        string? to,
        string? format
    )
    {
        var problem = Problems.Of(ProblemCode.InvalidRequest);
        var period = ReadPeriod(from, to, problem);
        var written = ReadFormat(format, context.Request, problem);
        if (problem.Errors.Count > 0)
        {
            return problem;
        }
        var member = context.GetCaller().MemberId;
        var (place, refusal) = places.Take(member);
        if (place is null)
        {
            return Problems.Of(refusal);
        }
        // Whatever becomes of the answer.
        context.Response.RegisterForDispose(place);

        var seen = Consistency.Read(context.Request)?.Position ?? default;
        var begun = await replicas.ReadAsync(
            ReplicaRole.Reports,
            seen,
            async lease => new Begun(
                await StatementReader.BeginAsync(
                    lease.Connection,
                    PathId.Parse(id),
                    member,
                    period.From,
                    period.To,
                    CancellationToken.None
                ),
                lease.Timeline
            ),
            context.RequestAborted
        );
        if (begun is null)
        {
            return Problems.Of(ProblemCode.Overloaded);
        }
        if (begun.Frame is not { } frame)
        {
            return Problems.Of(ProblemCode.AccountNotFound);
        }
        var shown = new ConsistencyToken(frame.Timeline ?? begun.Timeline, frame.Lsn, frame.AccountId, frame.AccountVersion);
        return Consistency.IsBehind(Consistency.Read(context.Request), shown)
            ? Problems.Of(ProblemCode.UnavailableRetry)
            : new StatementExport(frame, period, written, new LogPosition(shown.Timeline, shown.Lsn), place, shown);
    }

    private static StatementPeriod ReadPeriod(string? from, string? to, Problem problem)
    {
        var (start, end) = (ReadTime("from", from, problem), ReadTime("to", to, problem));
        if (problem.Errors.Count == 0 && start >= end)
        {
            problem.Errors["to"] = ["Must be after from."];
        }
        else if (problem.Errors.Count == 0 && start.AddYears(YearsMax) < end)
        {
            problem.Errors["to"] = [$"Must be at most {YearsMax} years after from."];
        }
        return new StatementPeriod(start, end);
    }

    private static DateTime ReadTime(string field, string? text, Problem problem)
    {
        if (text is null || !Timestamps.TryParse(text, out var at))
        {
            problem.Errors[field] = [Timestamps.Expected];
            return default;
        }
        return at;
    }

    private static StatementExportFormat ReadFormat(string? text, HttpRequest request, Problem problem)
    {
        if (text is not (null or "csv" or "html"))
        {
            problem.Errors["format"] = ["Must be csv or html."];
        }
        return text == "html" ? new StatementExportHtml(StatementExportWords.For(request)) : new StatementExportCsv();
    }

    /// <param name="Frame">Null without such an account.</param>
    /// <param name="Timeline">Of the primary, where a replica was read.</param>
    private sealed record Begun(StatementFrame? Frame, uint Timeline);
}
