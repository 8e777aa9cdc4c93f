using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// Which server gets a request: the one that the member's cookie names; without a cookie the one that fits the session best; without a
/// session the one with the least to do. The cookie is given to whoever has neither cookie nor session, and to whoever's server is gone.
/// Stickiness only spares a new server's caches: any server can serve any member, so it breaks without an error.
/// </summary>
internal sealed class ServerChoice(IOptions<BalancingOptions> options)
{
    private readonly bool _sticky = options.Value.Sticky;
    private readonly int _inFlightMax = options.Value.InFlightPerServerMax;
    private uint _turn;

    /// <returns>Null when every server has all that it may have.</returns>
    public DestinationState? Pick(HttpContext context, EdgeRequest request, IReadOnlyList<DestinationState> servers)
    {
        // Documents are the same everywhere, and caches that all share may keep them: no cookie must be among them.
        if (!_sticky || !request.Call.IsOfMembers)
        {
            return Idlest(servers);
        }
        var cookie = CookieIn(context.Request.Headers.Cookie);
        if (!cookie.IsEmpty && Named(cookie, servers) is { } pinned && HasRoom(pinned))
        {
            return pinned;
        }
        var chosen =
            request.Caller is { } caller && Fittest(caller.SessionId, servers) is { } fittest && HasRoom(fittest)
                ? fittest
                : Idlest(servers);
        if (chosen is not null && (!cookie.IsEmpty || request.Caller is null))
        {
            Pin(context, chosen);
        }
        return chosen;
    }

    /// <summary>Another one, for a second try; null when there is none.</summary>
    public DestinationState? PickOther(
        HttpContext context,
        EdgeRequest request,
        IReadOnlyList<DestinationState> servers,
        DestinationState failed
    )
    {
        var other = Idlest(servers, failed);
        if (other is not null && _sticky && request.Call.IsOfMembers)
        {
            var cookie = CookieIn(context.Request.Headers.Cookie);
            if (!cookie.IsEmpty || request.Caller is null)
            {
                Pin(context, other);
            }
        }
        return other;
    }

    /// <summary>The one with the fewest requests in flight; among equals they take turns.</summary>
    private DestinationState? Idlest(IReadOnlyList<DestinationState> servers, DestinationState? but = null)
    {
        DestinationState? idlest = null;
        var least = _inFlightMax;
        var first = Interlocked.Increment(ref _turn);
        for (var i = 0; i < servers.Count; i++)
        {
            var server = servers[(int)((first + (uint)i) % (uint)servers.Count)];
            var inFlight = server.ConcurrentRequestCount;
            if (inFlight < least && server != but)
            {
                (idlest, least) = (server, inFlight);
            }
        }
        return idlest;
    }

    private static DestinationState? Fittest(Guid session, IReadOnlyList<DestinationState> servers)
    {
        DestinationState? fittest = null;
        ulong highest = 0;
        for (var i = 0; i < servers.Count; i++)
        {
            var score = ServerName.Of(servers[i]).ScoreOf(session);
            if (fittest is null || score > highest)
            {
                (fittest, highest) = (servers[i], score);
            }
        }
        return fittest;
    }

    private static DestinationState? Named(ReadOnlySpan<char> cookie, IReadOnlyList<DestinationState> servers)
    {
        for (var i = 0; i < servers.Count; i++)
        {
            if (cookie.SequenceEqual(ServerName.Of(servers[i]).Token))
            {
                return servers[i];
            }
        }
        return null;
    }

    private bool HasRoom(DestinationState server) => server.ConcurrentRequestCount < _inFlightMax;

    private static void Pin(HttpContext context, DestinationState server) =>
        context.Response.Headers.Append("Set-Cookie", ServerName.Of(server).SetCookie);

    /// <summary>Our cookie's value, without the dictionary that reading all cookies would make; empty without one.</summary>
    private static ReadOnlySpan<char> CookieIn(StringValues header)
    {
        for (var line = 0; line < header.Count; line++)
        {
            var rest = header[line].AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim();
                rest = end < 0 ? [] : rest[(end + 1)..];
                if (
                    pair.Length > ServerName.CookieName.Length
                    && pair[ServerName.CookieName.Length] == '='
                    && pair.StartsWith(ServerName.CookieName, StringComparison.Ordinal)
                )
                {
                    return pair[(ServerName.CookieName.Length + 1)..];
                }
            }
        }
        return [];
    }
}
