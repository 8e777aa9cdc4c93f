using System.Net;
using Microsoft.AspNetCore.Http.Features;
using QuickPay.Edge.Surface;
using QuickPay.Sessions;

namespace QuickPay.Edge;

/// <summary>What the edge has found out about a request so far; each step of <see cref="EdgeApp"/> adds its part.</summary>
public sealed class EdgeRequest
{
    /// <summary>Who sent it: the connection's other end, or what a trusted proxy says of it. IPv4 never comes mapped into IPv6.</summary>
    public IPAddress Client { get; set; } = IPAddress.None;

    /// <summary>The trace's id, 32 hexadecimal digits: <c>X-Request-Id</c> on the answer, <c>traceId</c> in a problem.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>Which declared call it is. Set after routing: what is none goes no further (<see cref="Http.EdgeMiddleware.UseApiSurface"/>).</summary>
    public ApiCall Call { get; set; } = null!;

    /// <summary>Whose access token it carries, its signature verified; null without one. Whether the session lives only the API knows.</summary>
    public Caller? Caller { get; set; }

    /// <summary>The whole body, unpacked from chunks; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }
}

/// <summary>Where a request keeps its <see cref="EdgeRequest"/>.</summary>
public static class EdgeRequestExtensions
{
    public static EdgeRequest GetEdge(this HttpContext context) => context.Features.GetRequiredFeature<EdgeRequest>();
}
