using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace QuickPay.Edge.Http;

/// <summary>Where the edge listens, and how much of a connection or request it takes before anything has looked at it.</summary>
public static class EdgeHttp
{
    internal const int BodyBytesMax = 16 * 1024;
    private const int HeadersMax = 50;
    private const int HeaderBytesMax = 16 * 1024;
    private const int RequestLineBytesMax = 8 * 1024;
    private const int ConnectionsMax = 10_000;
    private const int StreamsPerConnectionMax = 100;
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(75);

    public static WebApplicationBuilder AddEdgeHttp(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddOptions<EdgeOptions>()
            .Bind(builder.Configuration.GetSection(EdgeOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<EdgeCertificate>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EdgeCertificate>());
        builder.Services.AddDrainNotice<EdgeOptions>(options => options.DrainNoticeMs);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(server =>
        {
            var options = server.ApplicationServices.GetRequiredService<Microsoft.Extensions.Options.IOptions<EdgeOptions>>().Value;
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = BodyBytesMax;
            server.Limits.MaxRequestHeaderCount = HeadersMax;
            server.Limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
            server.Limits.MaxRequestLineSize = RequestLineBytesMax;
            server.Limits.MaxConcurrentConnections = ConnectionsMax;
            server.Limits.RequestHeadersTimeout = HeadersTimeout;
            server.Limits.KeepAliveTimeout = KeepAlive;
            server.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnectionMax;
            foreach (var endpoint in options.HttpsEndpoints)
            {
                server.Listen(endpoint, Secure);
            }
            foreach (var endpoint in options.HttpRedirectEndpoints)
            {
                server.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
            }
            server.Listen(options.InternalEndpoint, listen => listen.Protocols = HttpProtocols.Http1);
        });
        return builder;
    }

    private static void Secure(ListenOptions listen)
    {
        var certificate = listen.ApplicationServices.GetRequiredService<EdgeCertificate>();
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(
            new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeTimeout, OnConnection = _ => new(certificate.Handshake) }
        );
    }
}
