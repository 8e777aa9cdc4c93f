using System.Net;
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
    private readonly Dictionary<ClientNetwork, int> _connections = [];
    private readonly IReadOnlyList<IPNetwork> _trusted = edge.Value.TrustedNetworks;
    private int _all;

    /// <summary>Serves the connection, or closes it when there are too many.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = ClientAddress.Unmapped((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        var client = ClientNetwork.Of(address);
        if (!TryEnter(client, mayBeMany: ClientAddress.IsIn(_trusted, address)))
        {
            EdgeTelemetry.ConnectionsRefused.Add(1);
            connection.Abort(new ConnectionAbortedException("Too many connections."));
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(client);
        }
    }

    internal bool TryEnter(ClientNetwork client, bool mayBeMany)
    {
        lock (_lock)
        {
            var own = _connections.GetValueOrDefault(client);
            if (_all >= limits.Value.Max || (!mayBeMany && (own >= limits.Value.PerAddressMax || !_new.TryTake(client))))
            {
                return false;
            }
            _all++;
            _connections[client] = own + 1;
            return true;
        }
    }

    internal void Leave(ClientNetwork client)
    {
        lock (_lock)
        {
            _all--;
            if (--_connections[client] == 0)
            {
                _connections.Remove(client);
            }
        }
    }
}
