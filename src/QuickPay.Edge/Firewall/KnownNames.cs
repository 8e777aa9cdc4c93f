using System.Buffers;
using System.Collections.Frozen;
using QuickPay.Edge.Balancing;
using QuickPay.Edge.Surface;
using QuickPay.Ledger;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// Names that a record of the firewall may show: the API's own, and those of headers that every program sends. All others are their
/// sender's words, and may be anything, a card's number too: they become a star.
/// </summary>
internal static class KnownNames
{
    private const string Unknown = "*";

    private static readonly string[] Headers =
    [
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Authorization",
        "Cache-Control",
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Cookie",
        "Expect",
        "Host",
        "Idempotency-Key",
        "If-None-Match",
        "Origin",
        "Range",
        "Referer",
        "Transfer-Encoding",
        "User-Agent",
        "X-Forwarded-For",
    ];

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Names = ApiSurface
        .Calls.SelectMany(call => call.Query.Concat(call.Fields.Select(field => $"json.{field}")))
        .Concat(Headers)
        .Concat([ConsistencyToken.Name, ServerName.CookieName])
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly SearchValues<char> OfCollections = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    /// <summary>A variable of the engine, such as <c>ARGS:json.memo</c>, with a name in it that may be shown: else <c>ARGS:*</c>.</summary>
    public static string Mask(ReadOnlySpan<char> variable)
    {
        var colon = variable.IndexOf(':');
        var collection = colon < 0 ? variable : variable[..colon];
        // A line of the engine may lie about itself: not even this part is the engine's for sure.
        if (collection.ContainsAnyExcept(OfCollections))
        {
            return Unknown;
        }
        return colon < 0 || Names.Contains(variable[(colon + 1)..]) ? variable.ToString() : $"{collection}:{Unknown}";
    }
}
