using System.Diagnostics;
using System.Net;

namespace QuickPay.Edge.Http;

/// <summary>
/// Headers that every answer has, whoever made it. They are set as the answer leaves, since a failure clears what was set before, and
/// since they replace what an API server says of itself.
/// </summary>
internal sealed class AnswerHeaders(EdgeOptions options)
{
    /// <summary>On answers, and on requests to API servers: what the support asks for. It is the trace's id.</summary>
    public const string RequestId = "X-Request-Id";

    // What the API says is data: nothing may run in it, and nobody may frame it. A page brings a policy of its own.
    private const string NothingRuns = "default-src 'none'; frame-ancestors 'none'";

    private readonly string? _hsts =
        options.HstsDays == 0
            ? null
            : $"max-age={TimeSpan.FromDays(options.HstsDays).TotalSeconds}{(options.HstsSubDomains ? "; includeSubDomains" : "")}";

    /// <summary>The id that one asks the support with.</summary>
    public static string RequestIdOf(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    public Task SetAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[RequestId] = context.Features.Get<EdgeRequest>()?.RequestId ?? RequestIdOf(context);
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.Server = default;
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = NothingRuns;
        }
        if (headers.CacheControl.Count == 0 && context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
        {
            headers.CacheControl = "no-store";
        }
        if (_hsts is not null && context.Request.IsHttps && IsPublicName(context.Request.Host.Value))
        {
            headers.StrictTransportSecurity = _hsts;
        }
        return Task.CompletedTask;
    }

    // Browsers ignore it for addresses (RFC 6797 8.1.1), and for localhost it would bind whatever else a developer runs there.
    private static bool IsPublicName(string? host)
    {
        var name = host.AsSpan();
        name = name.LastIndexOf(':') is >= 0 and var colon && !name.EndsWith("]") ? name[..colon] : name;
        return name.Length > 0 && !name.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !IPAddress.TryParse(name, out _);
    }
}
