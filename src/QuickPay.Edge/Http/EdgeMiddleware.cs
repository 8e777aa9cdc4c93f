using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using QuickPay.Edge.Surface;

namespace QuickPay.Edge.Http;

/// <summary>The first steps of every request.</summary>
public static class EdgeMiddleware
{
    /// <summary>On answers, and on requests to API servers: what the support asks for. It is the trace's id.</summary>
    public const string RequestIdHeader = "X-Request-Id";

    /// <summary>
    /// Plain HTTP gets 308 and nothing else; the internal address gets its own pages; only HTTPS goes on. By the port the connection came
    /// in at, since a Host header says whatever its sender likes.
    /// </summary>
    public static void UseListeners(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value;
        var redirectPorts = options.HttpRedirectEndpoints.Select(endpoint => endpoint.Port).ToHashSet();
        var hosts = new HostNames(options);
        app.MapWhen(context => context.Connection.LocalPort == options.InternalEndpoint.Port, InternalPages.Use);
        app.Use(next =>
            context =>
            {
                if (!hosts.Serves(context.Request.Host))
                {
                    return Problems.Of(ProblemCode.UnknownHost).ExecuteAsync(context);
                }
                if (!redirectPorts.Contains(context.Connection.LocalPort))
                {
                    return next(context);
                }
                var port = options.PublicHttpsPort == 443 ? "" : $":{options.PublicHttpsPort}";
                context.Response.Headers.Location =
                    $"https://{context.Request.Host.Host}{port}{context.Request.Path.ToUriComponent()}{context.Request.QueryString}";
                context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
                return Task.CompletedTask;
            }
        );
    }

    /// <summary>Makes the <see cref="EdgeRequest"/>; finds the client behind trusted proxies; gives the answer its request id.</summary>
    public static void UseEdgeRequest(this WebApplication app)
    {
        var clients = new ClientAddress(app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value.TrustedNetworks);
        app.Use(next =>
            context =>
            {
                context.Features.Set(new EdgeRequest { Client = clients.Of(context) });
                context.Response.Headers[RequestIdHeader] = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
                return next(context);
            }
        );
    }

    /// <summary>After routing: notes which declared call this is.</summary>
    public static void UseApiSurface(this WebApplication app) =>
        app.Use(next =>
            context =>
            {
                if (context.GetEndpoint()?.Metadata.GetMetadata<Yarp.ReverseProxy.Model.RouteModel>() is { } route)
                {
                    context.GetEdge().Call = ApiSurface.Named(route.Config.RouteId);
                }
                return next(context);
            }
        );
}

/// <summary>Which host names are served; others learn nothing.</summary>
internal sealed class HostNames(EdgeOptions options)
{
    private readonly HashSet<string> _names = new(EdgeOptions.Split(options.HostNames), StringComparer.OrdinalIgnoreCase);

    public bool Serves(HostString host) => _names.Contains(host.Host);
}

/// <summary>
/// Who sent a request. <c>X-Forwarded-For</c> is read from its right end, as long as the one who wrote that part is a trusted proxy:
/// the first address that is none of ours is the client's, and what stands left of it is hearsay.
/// </summary>
internal sealed class ClientAddress(IReadOnlyList<IPNetwork> trusted)
{
    private const int HopsMax = 10;

    public IPAddress Of(HttpContext context)
    {
        var client = Unmapped(context.Connection.RemoteIpAddress ?? IPAddress.None);
        if (trusted.Count == 0 || !IsTrusted(client))
        {
            return client;
        }
        var hops = context.Request.Headers["X-Forwarded-For"];
        var seen = 0;
        for (var line = hops.Count - 1; line >= 0; line--)
        {
            var parts = (hops[line] ?? "").Split(',');
            for (var i = parts.Length - 1; i >= 0; i--)
            {
                // Nonsense written by a trusted proxy: the nearest address that is known stays.
                if (++seen > HopsMax || !TryParse(parts[i].AsSpan().Trim(), out var hop))
                {
                    return client;
                }
                client = hop;
                if (!IsTrusted(client))
                {
                    return client;
                }
            }
        }
        return client;
    }

    private static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        // Some proxies write the port too: 203.0.113.7:1234, [2001:db8::1]:1234.
        var ok =
            IPAddress.TryParse(text, out var plain) && text is not [] ? plain
            : IPEndPoint.TryParse(text, out var end) ? end.Address
            : null;
        address = ok is null ? IPAddress.None : Unmapped(ok);
        return ok is not null;
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private bool IsTrusted(IPAddress address)
    {
        foreach (var network in trusted)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }
        return false;
    }
}
