using System.Net.Sockets;
using System.Text.Json.Serialization;
using Npgsql;
using QuickPay.Postgres;
using QuickPay.Redis;

namespace QuickPay.Api;

/// <summary>The web server's limits, and what becomes of requests that no endpoint answers.</summary>
public static class HttpSetup
{
    private const int HeadersMax = 50;
    private const int HeaderBytesMax = 16 * 1024;
    private const int ConnectionsMax = 10_000;
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(75);

    public static WebApplicationBuilder AddHttp(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddOptions<ApiOptions>()
            .Bind(builder.Configuration.GetSection(ApiOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            // The description would otherwise offer numbers as texts.
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.AddHostedService<DrainNotice>();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = RequestBody.BytesMax;
            server.Limits.MaxRequestHeaderCount = HeadersMax;
            server.Limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
            server.Limits.MaxConcurrentConnections = ConnectionsMax;
            server.Limits.RequestHeadersTimeout = HeadersTimeout;
            server.Limits.KeepAliveTimeout = KeepAlive;
        });
        if (builder.Configuration["Urls"] is { Length: > 0 } urls)
        {
            builder.WebHost.UseUrls(urls.Split(';'));
        }
        return builder;
    }

    /// <summary>
    /// Every failure is a problem with a code: an exception, an unknown path, a method that is not there. One middleware, since
    /// every request passes through it.
    /// </summary>
    public static void UseProblems(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(HttpSetup).FullName!);
        app.Use(next =>
            async context =>
            {
                try
                {
                    await next(context);
                }
                catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
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
                    ApiLog.StoreUnavailable(logger, e.Message);
                    context.Response.Clear();
                    await Problems.Of(ProblemCode.UnavailableRetry).ExecuteAsync(context);
                }
                catch (Exception e) when (!context.Response.HasStarted)
                {
                    ApiLog.RequestFailed(logger, e);
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

/// <summary>The API's log messages.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(3001, LogLevel.Error, "A request failed in our own code")]
    public static partial void RequestFailed(ILogger logger, Exception exception);

    [LoggerMessage(3002, LogLevel.Warning, "A request could not be served because a store is away: {Reason}")]
    public static partial void StoreUnavailable(ILogger logger, string reason);
}
