using Microsoft.Extensions.Options;

namespace QuickPay.Api;

/// <summary>
/// A line for each request, where <see cref="ApiOptions.LogRequests"/> asks for it: with the trace id in its scope it says which server a
/// request came to. The call is named as it is declared, since a path has ids in it.
/// </summary>
internal static partial class RequestLog
{
    public static void UseRequestLog(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<ApiOptions>>().Value.LogRequests)
        {
            return;
        }
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(RequestLog).FullName!);
        var time = app.Services.GetService<TimeProvider>() ?? TimeProvider.System;
        app.Use(next =>
            async context =>
            {
                var started = time.GetTimestamp();
                await next(context);
                var call = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
                var elapsed = (long)time.GetElapsedTime(started).TotalMilliseconds;
                Answered(logger, context.Request.Method, call, context.Response.StatusCode, elapsed);
            }
        );
    }

    [LoggerMessage(3010, LogLevel.Information, "{Method} {Call} answered {Status} after {ElapsedMs} ms")]
    private static partial void Answered(ILogger logger, string method, string call, int status, long elapsedMs);
}
