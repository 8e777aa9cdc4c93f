using System.Net;

namespace QuickPay.Edge.Http;

/// <summary>
/// Who sent a request. <c>X-Forwarded-For</c> is read from its right end, as long as the one who wrote that part is a trusted proxy:
/// the first address that is none of ours is the client's, and what stands left of it is hearsay.
/// </summary>
internal sealed class ClientAddress(IReadOnlyList<IPNetwork> trusted)
{
    private const string Header = "X-Forwarded-For";
    private const int HopsMax = 10;

    public IPAddress Of(HttpContext context)
    {
        var client = Unmapped(context.Connection.RemoteIpAddress ?? IPAddress.None);
        if (!IsIn(trusted, client))
        {
            return client;
        }
        var lines = context.Request.Headers[Header];
        var hops = 0;
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            var rest = lines[i].AsSpan();
            do
            {
                var comma = rest.LastIndexOf(',');
                // What a trusted proxy cannot have written ends the search: the nearest address that is known stays.
                if (++hops > HopsMax || !TryParse(rest[(comma + 1)..].Trim(), out var hop))
                {
                    return client;
                }
                client = hop;
                if (!IsIn(trusted, client))
                {
                    return client;
                }
                rest = rest[..Math.Max(comma, 0)];
            } while (rest.Length > 0);
        }
        return client;
    }

    public static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    public static bool IsIn(IReadOnlyList<IPNetwork> networks, IPAddress address)
    {
        // By index: an enumerator of an interface is garbage, and every request comes here.
        for (var i = 0; i < networks.Count; i++)
        {
            if (networks[i].Contains(address))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>An address as proxies write it: alone or with a port, <c>203.0.113.7:1234</c>, <c>[2001:db8::1]:1234</c>.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        address = IPAddress.None;
        // "1" and "0x7f.1" are addresses to the system's parser; no proxy writes them.
        if (!text.Contains(':') && text.Count('.') != 3)
        {
            return false;
        }
        if (IPAddress.TryParse(text, out var plain))
        {
            address = Unmapped(plain);
        }
        else if (IPEndPoint.TryParse(text, out var end))
        {
            address = Unmapped(end.Address);
        }
        else
        {
            return false;
        }
        return true;
    }
}
