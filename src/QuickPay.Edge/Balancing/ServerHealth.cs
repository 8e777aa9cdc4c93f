using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>The one place where servers go out and come back: what probes and requests find out meets here.</summary>
internal sealed class ServerHealth(IDestinationHealthUpdater updater, ILogger<ServerHealth> logger)
{
    /// <summary>From now on it gets nothing new; what it has begun it may finish.</summary>
    public void TakeOut(ClusterState cluster, DestinationState server, string reason)
    {
        if (Change(cluster, server, DestinationHealth.Unhealthy))
        {
            BalancingLog.ServerOut(logger, server.DestinationId, reason);
            BalancingMetrics.ServerChanges.Add(1, new("server", server.DestinationId), new("state", "out"));
        }
    }

    public void LetIn(ClusterState cluster, DestinationState server)
    {
        if (Change(cluster, server, DestinationHealth.Healthy))
        {
            BalancingLog.ServerIn(logger, server.DestinationId);
            BalancingMetrics.ServerChanges.Add(1, new("server", server.DestinationId), new("state", "in"));
        }
    }

    private bool Change(ClusterState cluster, DestinationState server, DestinationHealth to)
    {
        // A hundred requests may find out the same thing at once; it is said once.
        lock (server)
        {
            if (server.Health.Active == to)
            {
                return false;
            }
            updater.SetActive(cluster, [new NewActiveDestinationHealth(server, to)]);
            return true;
        }
    }
}
