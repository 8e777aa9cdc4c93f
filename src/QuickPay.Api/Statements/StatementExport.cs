using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using QuickPay.Ledger;
using QuickPay.Postgres;
using QuickPay.Transfers;

namespace QuickPay.Api.Statements;

/// <summary>From (inclusive) to (exclusive).</summary>
internal readonly record struct StatementPeriod(DateTime From, DateTime To);

/// <summary>
/// A statement on its way out, of any length in constant memory:
/// <code>
///   frame ──► head ──► page ──► page ──► … ──► what it adds up to ──► end
///             a read of its own each, done before its rows are sent: a client that reads slowly, or not at all, holds no connection
/// </code>
/// The oldest first: balances then run down the page as on paper, and a row follows from the one before it. Once the first byte has left, a
/// failure can only break the connection off; and what was cut off has no end.
/// </summary>
internal sealed class StatementExport(
    StatementFrame frame,
    StatementPeriod period,
    StatementExportFormat format,
    LogPosition holds,
    IDisposable place,
    ConsistencyToken shown
) : IResult, IEndpointMetadataProvider
{
    private const int PageRows = 1_000;
    private const int BufferChars = 16 * 1024;
    private const int PlaceAttemptsMax = 10;

    public static void PopulateMetadata(System.Reflection.MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/csv", "text/html"]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var options = services.GetRequiredService<IOptions<StatementOptions>>().Value;
        var logger = services.GetRequiredService<ILogger<StatementExport>>();
        var response = httpContext.Response;
        using var deadline = new CancellationTokenSource(
            TimeSpan.FromMilliseconds(options.ExportMaxMs),
            services.GetRequiredService<TimeProvider>()
        );
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, httpContext.RequestAborted);
        AddHeaders(response);
        Consistency.Write(httpContext, shown);
        try
        {
            await WriteAsync(response, services.GetRequiredService<ReadReplicas>(), either.Token);
        }
        catch (Exception e) when (response.HasStarted && !httpContext.RequestAborted.IsCancellationRequested)
        {
            if (e is OperationCanceledException or StatementBusyException || PgErrors.IsOfDatabase(e))
            {
                StatementLog.BrokenOff(logger, e.Message);
            }
            else
            {
                StatementLog.Failed(logger, e);
            }
            httpContext.Abort();
        }
        catch (Exception e)
            when (!response.HasStarted
                && (e is StatementBusyException || (e is OperationCanceledException && deadline.IsCancellationRequested))
            )
        {
            response.Clear();
            await Problems.Of(ProblemCode.Overloaded).ExecuteAsync(httpContext);
        }
    }

    private void AddHeaders(HttpResponse response)
    {
        static string Day(DateTime utc) => LedgerDay.Of(utc).ToString("yyyyMMdd", CultureInfo.InvariantCulture);

        var headers = response.Headers;
        response.ContentType = format.ContentType;
        // Whose it is does not stand in its name, which goes into lists of downloads.
        headers.ContentDisposition = $"attachment; filename=\"quickpay-statement-{Day(period.From)}-{Day(period.To)}.{format.Extension}\"";
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        format.AddHeaders(headers);
    }

    private async Task WriteAsync(HttpResponse response, ReadReplicas replicas, CancellationToken cancellationToken)
    {
        // Not disposed when something fails: that would send what has to be missed.
        var writer = new StreamWriter(response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferChars);
        var text = new StringBuilder();
        var totals = default(StatementTotals);
        var since = frame.First;

        format.Begin(text, frame, period);
        while (since < frame.End)
        {
            var page = await PageAsync(replicas, since, cancellationToken);
            foreach (var item in page)
            {
                totals = totals.And(item);
                format.Row(text, item);
                await writer.WriteAsync(text, cancellationToken);
                text.Clear();
            }
            since = page.Count == PageRows ? page[^1].After.Version + 1 : frame.End;
        }

        ShouldAddUp(totals);
        format.End(text, frame, period, totals);
        // Before the last byte: who has it all may ask for the next one at once.
        place.Dispose();
        await writer.WriteAsync(text, cancellationToken);
        await writer.FlushAsync(cancellationToken);
    }

    private async Task<List<HistoryItem>> PageAsync(ReadReplicas replicas, long since, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= PlaceAttemptsMax; attempt++)
        {
            // Each attempt waits for a place by itself.
            var page = await replicas.ReadAsync(
                ReplicaRole.Reports,
                holds,
                async lease =>
                    await StatementReader.PageAsync(
                        lease.Connection,
                        frame,
                        since,
                        period.From,
                        period.To,
                        PageRows,
                        CancellationToken.None
                    ),
                cancellationToken
            );
            if (page is not null)
            {
                return page;
            }
        }
        throw new StatementBusyException();
    }

    /// <summary>A row that is missing or doubled would show here; nobody gets such a statement as a whole one.</summary>
    private void ShouldAddUp(StatementTotals totals)
    {
        if (checked(frame.Opening + totals.In - totals.Out) != frame.Closing)
        {
            throw new InvalidOperationException("A statement does not add up.");
        }
    }
}

/// <summary>No place to read the next page from.</summary>
internal sealed class StatementBusyException() : Exception("There was no place to read the next page from.");

/// <summary>Log messages of statements.</summary>
internal static partial class StatementLog
{
    [LoggerMessage(2401, LogLevel.Warning, "A statement was broken off on its way out: {Reason}")]
    public static partial void BrokenOff(ILogger logger, string reason);

    [LoggerMessage(2402, LogLevel.Error, "A statement failed in our own code and was broken off")]
    public static partial void Failed(ILogger logger, Exception exception);
}
