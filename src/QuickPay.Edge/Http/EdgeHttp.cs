using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Http;

/// <summary>Where the edge listens, and how much of a connection or request it takes before anything has looked at it.</summary>
public static class EdgeHttp
{
    internal const int BodyBytesMax = 16 * 1024;

    // Less than the API takes (50 and 16 KiB): what the edge adds must not make a request too much there that was not here.
    internal const int HeadersMax = 40;
    internal const int HeaderBytesMax = 12 * 1024;

    // The largest request fits; what a client sends ahead of it waits in the client's own machine.
    private const int RequestBufferBytesMax = 64 * 1024;
    private const int RequestLineBytesMax = 8 * 1024;

    // The least that HTTP/2 has, and four times the largest body: more would only be memory that a client can make us hold.
    private const int StreamWindowBytes = 64 * 1024 - 1;
    private const int ConnectionWindowBytes = 2 * StreamWindowBytes;

    public static WebApplicationBuilder AddEdgeHttp(this WebApplicationBuilder builder)
    {
        // A line ends with CR LF (RFC 9112 2.2); what ends it with LF alone is read in another way by some parsers in front.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        builder
            .Services.AddOptions<EdgeOptions>()
            .Bind(builder.Configuration.GetSection(EdgeOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder
            .Services.AddOptions<ConnectionOptions>()
            .Bind(builder.Configuration.GetSection(ConnectionOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<EdgeCertificate>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EdgeCertificate>());
        builder.Services.AddDrainNotice<EdgeOptions>(options => options.DrainNoticeMs);
        builder.Services.AddSingleton<ConnectionCaps>();
        builder.Services.AddSingleton(_ => new CounterPage(EdgeTelemetry.MeterName));
        builder.Services.AddSingleton<DistributedContextPropagator, TraceStart>();
        builder.Services.AddCors();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(Listen);
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        return builder;
    }

    private static void Listen(KestrelServerOptions server)
    {
        var options = server.ApplicationServices.GetRequiredService<IOptions<EdgeOptions>>().Value;
        var limits = server.ApplicationServices.GetRequiredService<IOptions<ConnectionOptions>>().Value;
        server.AddServerHeader = false;
        SetLimits(server.Limits, limits);
        foreach (var endpoint in options.HttpsEndpoints)
        {
            server.Listen(endpoint, listen => Secure(Capped(listen), limits));
        }
        foreach (var endpoint in options.HttpRedirectEndpoints)
        {
            server.Listen(endpoint, listen => Capped(listen).Protocols = HttpProtocols.Http1);
        }
        // Without a cap: when members hold all there is, whoever looks after the edge still gets in.
        server.Listen(options.InternalEndpoint, listen => listen.Protocols = HttpProtocols.Http1);
    }

    // Kestrel itself ends HTTP/2 connections that reset streams, or ask for answers to settings and pings, faster than they can be served.
    private static void SetLimits(KestrelServerLimits limits, ConnectionOptions connections)
    {
        var slowFor = TimeSpan.FromMilliseconds(connections.SlowForMs);
        // Kestrel counts what frames the chunks too; the buffer counts the body itself.
        limits.MaxRequestBodySize = 2 * BodyBytesMax;
        limits.MaxRequestBufferSize = RequestBufferBytesMax;
        limits.MaxRequestHeaderCount = HeadersMax;
        limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        limits.MaxRequestLineSize = RequestLineBytesMax;
        limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(connections.HeadersTimeoutMs);
        limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(connections.IdleMs);
        limits.MinRequestBodyDataRate = new MinDataRate(connections.BodyBytesPerSecondMin, slowFor);
        // Each write of up to 64 KiB gets the time that it may take at this rate: a low one would let a client sit on it for minutes.
        limits.MinResponseDataRate = new MinDataRate(connections.AnswerBytesPerSecondMin, slowFor);
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.Http2.MaxStreamsPerConnection = connections.StreamsMax;
        limits.Http2.MaxRequestHeaderFieldSize = HeaderBytesMax;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
    }

    private static ListenOptions Capped(ListenOptions listen)
    {
        var caps = listen.ApplicationServices.GetRequiredService<ConnectionCaps>();
        listen.Use(next => connection => caps.RunAsync(connection, next));
        return listen;
    }

    private static void Secure(ListenOptions listen, ConnectionOptions limits)
    {
        var certificate = listen.ApplicationServices.GetRequiredService<EdgeCertificate>();
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(
            new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromMilliseconds(limits.HandshakeTimeoutMs),
                OnConnection = _ => new(certificate.Handshake),
            }
        );
    }
}
