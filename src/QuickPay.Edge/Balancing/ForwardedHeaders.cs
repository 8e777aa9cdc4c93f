using QuickPay.Edge.Http;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// What servers learn about where a request comes from, in the edge's words alone; and what clients do not learn about servers. Clients' own
/// words on it <see cref="StrictRequest"/> has taken off, hop-by-hop headers YARP leaves behind, and SocketsHttpHandler writes the edge's own
/// <c>traceparent</c>.
/// </summary>
internal sealed class ForwardedHeaders : ITransformProvider
{
    private const string Prefix = "X-Forwarded-";

    public void ValidateRoute(TransformRouteValidationContext context) { }

    public void ValidateCluster(TransformClusterValidationContext context) { }

    public void Apply(TransformBuilderContext context)
    {
        context.UseDefaultForwarders = false;
        context.AddRequestTransform(transform =>
        {
            Rewrite(transform.HttpContext, transform.ProxyRequest);
            return ValueTask.CompletedTask;
        });
        context.AddResponseTransform(transform =>
        {
            if (transform.ProxyResponse is not null)
            {
                Conceal(transform.HttpContext);
            }
            return ValueTask.CompletedTask;
        });
    }

    private static void Rewrite(HttpContext context, HttpRequestMessage request)
    {
        foreach (var (name, _) in context.Request.Headers)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.Remove(name);
            }
        }
        RemoveNominated(context, request);
        var (edge, headers) = (context.GetEdge(), request.Headers);
        headers.TryAddWithoutValidation(AnswerHeaders.RequestId, edge.RequestId);
        headers.TryAddWithoutValidation("X-Forwarded-For", edge.Client.ToString());
        headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        headers.TryAddWithoutValidation("X-Forwarded-Host", context.Request.Host.Value);
        headers.TryAddWithoutValidation("Via", context.Request.Protocol == "HTTP/2" ? "2 quickpay-edge" : "1.1 quickpay-edge");
    }

    /// <summary>Headers that <c>Connection</c> names are for the edge alone (RFC 9110, 7.6.1).</summary>
    private static void RemoveNominated(HttpContext context, HttpRequestMessage request)
    {
        var connection = context.Request.Headers.Connection;
        if (connection.Count == 0)
        {
            return;
        }
        foreach (var name in context.Request.Headers.GetCommaSeparatedValues("Connection"))
        {
            // Length and type belong to the body, which goes on whatever a client says about its headers.
            if (request.Headers.NonValidated.Contains(name))
            {
                request.Headers.Remove(name);
            }
        }
    }

    /// <summary>What servers say of themselves, but for <c>Server</c> and <c>X-Request-Id</c>: <see cref="AnswerHeaders"/> replaces those.</summary>
    private static void Conceal(HttpContext context)
    {
        context.Response.Headers.Remove("Via");
        context.Response.Headers.Remove("X-Powered-By");
    }
}
