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
        builder.Services.AddOptions<ApiOptions>().Bind(builder.Configuration.GetSection(ApiOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
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

    /// <summary>Every failure is a problem with a code: an exception, an unknown path, a method that is not there.</summary>
    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(failed => failed.Run(context => Problems.Of(ProblemCode.InternalError).ExecuteAsync(context)));
        app.UseStatusCodePages(page =>
            page.HttpContext.Response.StatusCode switch
            {
                StatusCodes.Status404NotFound => Problems.Of(ProblemCode.NotFound).ExecuteAsync(page.HttpContext),
                StatusCodes.Status405MethodNotAllowed => Problems.Of(ProblemCode.MethodNotAllowed).ExecuteAsync(page.HttpContext),
                StatusCodes.Status413PayloadTooLarge => Problems.Of(ProblemCode.PayloadTooLarge).ExecuteAsync(page.HttpContext),
                StatusCodes.Status415UnsupportedMediaType => Problems.Of(ProblemCode.UnsupportedMediaType).ExecuteAsync(page.HttpContext),
                _ => Task.CompletedTask,
            }
        );
    }
}
