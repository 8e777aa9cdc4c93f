using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// All of a request, as it was received. A copy of what the server gives to the next request afterwards: an inspection may outlive its
/// deadline. The body is an array of the request's own (<see cref="Http.RequestBuffer"/>).
/// </summary>
public sealed class InspectedRequest
{
    /// <summary>Who sent it.</summary>
    public required IPAddress Client { get; init; }

    public required string Method { get; init; }

    /// <summary>Path and query, not decoded.</summary>
    public required string RawTarget { get; init; }

    /// <summary>Such as <c>HTTP/1.1</c> or <c>HTTP/2</c>.</summary>
    public required string Protocol { get; init; }

    public required IReadOnlyList<KeyValuePair<string, StringValues>> Headers { get; init; }

    /// <summary>JSON, or empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    public static InspectedRequest Of(HttpContext context, EdgeRequest request) =>
        new()
        {
            Client = request.Client,
            Method = context.Request.Method,
            RawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            Protocol = context.Request.Protocol,
            Headers = [.. context.Request.Headers],
            Body = request.Body,
        };
}
