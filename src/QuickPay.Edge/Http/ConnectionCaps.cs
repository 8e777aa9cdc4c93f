using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Http;

/// <summary>
/// Counts members' connections, all and by address, those that stand and those that come, before they may cost a TLS handshake. The address
/// is the connection's other end: headers come later and are only as good as their sender.
/// </summary>
internal sealed class ConnectionCaps(IOptions<ConnectionOptions> limits, IOptions<EdgeOptions> edge, TimeProvider time)
{
    private readonly NewConnections _new = new(limits.Value.NewPerSecondPerAddress, limits.Value.PerAddressMax, time);
    private readonly Lock _lock = new();
    private readonly Dictionary<Subscriber, int> _connections = [];
    private readonly IReadOnlyList<IPNetwork> _trusted = edge.Value.TrustedNetworks;
    private int _all;

    /// <summary>Serves the connection, or closes it when there are too many.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = ClientAddress.Unmapped((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        var subscriber = Subscriber.Of(address);
        if (!TryEnter(subscriber, mayBeMany: ClientAddress.IsIn(_trusted, address)))
        {
            HttpMetrics.ConnectionsRefused.Add(1);
            connection.Abort(new ConnectionAbortedException("Too many connections."));
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(subscriber);
        }
    }

    internal bool TryEnter(Subscriber subscriber, bool mayBeMany)
    {
        lock (_lock)
        {
            var own = _connections.GetValueOrDefault(subscriber);
            if (_all >= limits.Value.Max || (!mayBeMany && (own >= limits.Value.PerAddressMax || !_new.TryTake(subscriber))))
            {
                return false;
            }
            _all++;
            _connections[subscriber] = own + 1;
            return true;
        }
    }

    internal void Leave(Subscriber subscriber)
    {
        lock (_lock)
        {
            _all--;
            if (--_connections[subscriber] == 0)
            {
                _connections.Remove(subscriber);
            }
        }
    }
}

/// <summary>Whom connections are counted for: an IPv4 address, or the /64 of an IPv6 address, within which a client picks addresses freely.</summary>
internal readonly record struct Subscriber(ulong Network, bool IsIPv6)
{
    public static Subscriber Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new(BinaryPrimitives.ReadUInt64BigEndian(bytes), true)
            : new(BinaryPrimitives.ReadUInt32BigEndian(bytes), false);
    }
}
