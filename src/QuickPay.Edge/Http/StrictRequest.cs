using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace QuickPay.Edge.Http;

/// <summary>
/// What Kestrel lets through and the next parser might read otherwise: targets with escapes or in absolute form, header values beyond
/// ASCII, a body with a length and chunks at once. It is refused, never mended.
/// </summary>
internal static class StrictRequest
{
    private const int HeaderNameMax = 128;

    private static readonly SearchValues<char> TokenChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    );

    // Headers that say how a message is framed or where it was before, and what a client calls its request: of a stranger's they are void,
    // and API servers get none of them. X-Forwarded-… are not among them: the firewall sees those, and ForwardedHeaders writes them anew.
    private static readonly string[] Hearsay =
    [
        AnswerHeaders.RequestId,
        "Forwarded",
        "X-Real-IP",
        "X-Original-For",
        "X-Original-Host",
        "X-Original-Proto",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "X-Client-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "Via",
        "Request-Id",
        "Correlation-Context",
        "X-Content-Length",
    ];

    /// <summary>Null, or what is wrong with the request's first line and headers.</summary>
    public static Problem? Refusal(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        if (target is not ['/', ..])
        {
            return Refuse("target", "Must be a path: this is no proxy.");
        }
        var question = target.IndexOf('?');
        if (!StrictPath.IsPlain(question < 0 ? target : target[..question]))
        {
            EdgeTelemetry.Malformed.Add(1, new KeyValuePair<string, object?>("reason", "path"));
            return Problems.Of(ProblemCode.NotFound);
        }
        if (question >= 0 && !StrictPath.IsQuery(target[(question + 1)..]))
        {
            return Refuse("query", "Has characters that must be escaped, or a broken escape.");
        }
        foreach (var (name, values) in context.Request.Headers)
        {
            if (name.Length > HeaderNameMax || name.AsSpan().ContainsAnyExcept(TokenChars) || !AreVisible(values))
            {
                return Refuse("headers", "Names and values are visible ASCII, names not longer than 128 characters.");
            }
        }
        return FramingRefusal(context.Request);
    }

    /// <summary>Takes off what only the edge itself may tell API servers.</summary>
    public static void RemoveHearsay(IHeaderDictionary headers)
    {
        headers.TraceParent = headers.TraceState = headers.Baggage = StringValues.Empty;
        headers.Upgrade = headers.TE = headers.Trailer = StringValues.Empty;
        foreach (var name in Hearsay)
        {
            headers.Remove(name);
        }
    }

    // Kestrel believes the chunks and keeps the length under another name; who sends both wants two parsers to disagree (RFC 9112 6.1).
    // HTTP/1.0 has no chunks, and HTTP/2 none and no headers of a connection (RFC 9113 8.2.2): what has them was passed on by somebody who
    // did not understand it.
    private static Problem? FramingRefusal(HttpRequest request)
    {
        var headers = request.Headers;
        if (HttpProtocol.IsHttp2(request.Protocol))
        {
            return headers.TransferEncoding.Count + headers.Connection.Count + headers.Upgrade.Count + headers.KeepAlive.Count == 0
                ? null
                : Refuse("headers", "HTTP/2 has no headers of a connection.");
        }
        var encoding = headers.TransferEncoding;
        if (encoding.Count == 0)
        {
            return null;
        }
        return
            encoding.Count == 1
            && !HttpProtocol.IsHttp10(request.Protocol)
            && string.Equals(encoding[0], "chunked", StringComparison.OrdinalIgnoreCase)
            && !headers.ContainsKey("X-Content-Length")
            && headers.ContentLength is null
            ? null
            : Refuse("headers", "A body has a Content-Length or comes in chunks, in no other encoding.");
    }

    private static bool AreVisible(StringValues values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            // From the space to the tilde; a tab would be folded white space.
            if (values[i].AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                return false;
            }
        }
        return true;
    }

    private static Problem Refuse(string part, string message)
    {
        EdgeTelemetry.Malformed.Add(1, new KeyValuePair<string, object?>("reason", part));
        return Problems.Invalid(part, message);
    }
}
