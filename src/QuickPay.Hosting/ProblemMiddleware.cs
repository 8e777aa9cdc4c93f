using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using QuickPay.Postgres;
using QuickPay.Redis;

namespace QuickPay.Hosting;

/// <summary>What becomes of requests that no endpoint answers.</summary>
public static class ProblemMiddleware
{
    /// <summary>
    /// Every failure is a problem with a code: an exception, an unknown path, a method that is not there. One middleware, since
    /// every request passes through it.
    /// </summary>
    public static void UseProblems(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProblemMiddleware).FullName!);
        app.Use(next =>
            async context =>
            {
                try
                {
                    await next(context);
                }
                catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
                {
                    // The client went away; nobody is left to answer.
                    return;
                }
                catch (BadHttpRequestException e) when (!context.Response.HasStarted)
                {
                    context.Response.Clear();
                    // A body that trickles in (408) or breaks off is one that could not be read; only its size has a code of its own.
                    context.Response.StatusCode =
                        e.StatusCode == StatusCodes.Status413PayloadTooLarge ? e.StatusCode : StatusCodes.Status400BadRequest;
                }
                catch (Exception e) when (!context.Response.HasStarted && IsUnavailable(e))
                {
                    // Redis or PostgreSQL could not take it: never a success, never our own mistake.
                    ProblemLog.StoreUnavailable(logger, e.Message);
                    context.Response.Clear();
                    await Problems.Of(ProblemCode.UnavailableRetry).ExecuteAsync(context);
                }
                catch (Exception e) when (!context.Response.HasStarted)
                {
                    ProblemLog.RequestFailed(logger, e);
                    context.Response.Clear();
                    context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                }
                if (
                    !context.Response.HasStarted
                    && context.Response.StatusCode >= 400
                    && ProblemOf(context.Response.StatusCode) is { } problem
                )
                {
                    await problem.ExecuteAsync(context);
                }
            }
        );
    }

    private static bool IsUnavailable(Exception e) =>
        RedisConnection.IsUnavailable(e) || (e is NpgsqlException or SocketException && PgErrors.Classify(e) != PgFailure.Data);

    private static Problem? ProblemOf(int status) =>
        status switch
        {
            StatusCodes.Status400BadRequest => Problems.Invalid("body", "Could not be read."),
            StatusCodes.Status404NotFound => Problems.Of(ProblemCode.NotFound),
            StatusCodes.Status405MethodNotAllowed => Problems.Of(ProblemCode.MethodNotAllowed),
            StatusCodes.Status413PayloadTooLarge => Problems.Of(ProblemCode.PayloadTooLarge),
            StatusCodes.Status415UnsupportedMediaType => Problems.Of(ProblemCode.UnsupportedMediaType),
            StatusCodes.Status500InternalServerError => Problems.Of(ProblemCode.InternalError),
            _ => null,
        };
}

/// <summary>Log messages of failed requests.</summary>
internal static partial class ProblemLog
{
    [LoggerMessage(3001, LogLevel.Error, "A request failed in our own code")]
    public static partial void RequestFailed(ILogger logger, Exception exception);

    [LoggerMessage(3002, LogLevel.Warning, "A request could not be served because a store is away: {Reason}")]
    public static partial void StoreUnavailable(ILogger logger, string reason);
}
