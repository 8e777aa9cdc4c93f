using System.Buffers;
using QuickPay.Edge.Surface;

namespace QuickPay.Edge.Http;

/// <summary>
/// One spelling of each path. No declared path needs an escape, a dot segment, a parameter after a semicolon or a slash at its end, so what
/// has one is no declared path; what goes on means the same to the edge, to the firewall and to an API server. The firewall's engine would
/// take an encoded question mark for the end of the path and never see what follows (CVE-2024-1019).
/// </summary>
internal static class StrictPath
{
    private const int ParameterCharsMax = 64;
    private static readonly SearchValues<char> Unreserved = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    );

    // RFC 3986 3.4, without the percent sign, which is looked at by itself.
    private static readonly SearchValues<char> QueryChars = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?"
    );

    /// <summary>Whether a path as it came over the wire has segments of unreserved characters only, none of them empty or of dots.</summary>
    public static bool IsPlain(ReadOnlySpan<char> path)
    {
        if (path is not ['/', ..])
        {
            return false;
        }
        if (path.Length == 1)
        {
            return true;
        }
        while (path.Length > 0)
        {
            path = path[1..];
            var length = path.IndexOfAnyExcept(Unreserved);
            var segment = length < 0 ? path : path[..length];
            path = path[segment.Length..];
            if (segment is "" or "." or ".." || path is not ([] or ['/', ..]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether a query, without its question mark, is one by RFC 3986.</summary>
    public static bool IsQuery(ReadOnlySpan<char> query)
    {
        while (query.IndexOfAnyExcept(QueryChars) is >= 0 and var at)
        {
            if (query[at..] is not ['%', var high, var low, ..] || !char.IsAsciiHexDigit(high) || !char.IsAsciiHexDigit(low))
            {
                return false;
            }
            query = query[(at + 3)..];
        }
        return true;
    }

    /// <summary>Whether a plain path is the call's to the letter; routing alone would ignore case.</summary>
    public static bool Is(ReadOnlySpan<char> path, ApiCall call)
    {
        var template = call.Template.AsSpan();
        while (template.IndexOf('{') is >= 0 and var open)
        {
            if (!path.StartsWith(template[..open], StringComparison.Ordinal))
            {
                return false;
            }
            path = path[open..];
            template = template[(template.IndexOf('}') + 1)..];
            var length = path.IndexOf('/') is >= 0 and var slash ? slash : path.Length;
            if (length is 0 or > ParameterCharsMax)
            {
                return false;
            }
            path = path[length..];
        }
        return path.SequenceEqual(template);
    }
}
