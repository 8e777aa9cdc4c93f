using Microsoft.Extensions.Options;
using QuickPay.Edge.Http;
using QuickPay.Security;
using Yarp.ReverseProxy.Forwarder;

namespace QuickPay.Edge.Balancing;

/// <summary>Connections to servers: HTTP/1.1, pooled, no proxy, cookies or redirects (those YARP has switched off).</summary>
internal sealed class ServerConnections(IOptions<BalancingOptions> options) : ForwarderHttpClientFactory
{
    // Less than the 75 s for which an API server keeps an idle connection: the edge closes first, never in the middle of a request.
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(60);

    // A server's name may come to mean another address.
    private static readonly TimeSpan LifetimeMax = TimeSpan.FromMinutes(15);
    private const int HeaderKilobytesMax = 32;

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = TimeSpan.FromMilliseconds(options.Value.ConnectTimeoutMs);
        handler.PooledConnectionIdleTimeout = IdleMax;
        handler.PooledConnectionLifetime = LifetimeMax;
        handler.MaxResponseHeadersLength = HeaderKilobytesMax;
        Believe(handler, options.Value);
    }

    /// <summary>Sets whose certificates are believed.</summary>
    internal static void Believe(SocketsHttpHandler handler, BalancingOptions options)
    {
        if (options.RootCertificate.Length > 0)
        {
            handler.SslOptions.CertificateChainPolicy = PrivateAuthority.Only(options.RootCertificate);
        }
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new OneWholeExchange(handler);
}

/// <summary>
/// One request, one answer, whole. SocketsHttpHandler by itself sends a request without a body again, whatever its method, when the
/// connection is closed before the answer begins; an empty body keeps it from doing so, and whether anything is sent twice is decided in
/// one place, <see cref="Dispatch"/>. Answers with JSON, which are small, are taken in before the client gets their first byte: when the
/// server dies in the middle of one, another server can still answer.
/// </summary>
internal sealed class OneWholeExchange(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const long AnswerBytesMax = 1024 * 1024;

    // Shared: without bytes there is nothing that one request could take from another.
    private static readonly ByteArrayContent Empty = NewEmpty();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } body)
        {
            // YARP would send the head alone first: a packet and a waking of the server more. The body is here already.
            await body.LoadIntoBufferAsync(EdgeHttp.BodyBytesMax, cancellationToken);
        }
        else
        {
            request.Content = Empty;
        }
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) != true)
        {
            return answer;
        }
        try
        {
            await answer.Content.LoadIntoBufferAsync(AnswerBytesMax, cancellationToken);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
        if (answer.Headers.TransferEncodingChunked == true)
        {
            // It goes on with its length.
            answer.Headers.TransferEncoding.Clear();
            _ = answer.Content.Headers.ContentLength;
        }
        return answer;
    }

    private static ByteArrayContent NewEmpty()
    {
        var empty = new ByteArrayContent([]);
        empty.Headers.ContentLength = 0;
        return empty;
    }
}
