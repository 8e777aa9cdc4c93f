using System.Text.Json.Serialization;

namespace QuickPay.Api;

/// <summary>The web server's limits, and how it reads and writes JSON.</summary>
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
        builder.Services.AddDrainNotice<ApiOptions>(options => options.DrainNoticeMs);
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
            if (urls.Contains("https:", StringComparison.OrdinalIgnoreCase))
            {
                // With the certificate of Kestrel:Certificates:Default.
                builder.WebHost.UseKestrelHttpsConfiguration();
            }
            builder.WebHost.UseUrls(urls.Split(';'));
        }
        return builder;
    }
}
