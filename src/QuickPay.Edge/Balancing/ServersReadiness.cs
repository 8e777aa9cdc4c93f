using Yarp.ReverseProxy;

namespace QuickPay.Edge.Balancing;

/// <summary>The edge is ready when at least one API server can take a request.</summary>
internal sealed class ServersReadiness(IProxyStateLookup servers) : IReadiness
{
    public Task<bool> IsReadyAsync(CancellationToken cancellationToken) =>
        Task.FromResult(
            servers.TryGetCluster(ServerList.Cluster, out var cluster) && cluster.DestinationsState.AvailableDestinations.Count > 0
        );
}
