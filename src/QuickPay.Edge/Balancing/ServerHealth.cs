using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// The one place where servers go out and come back: what probes and requests find out meets here. Of YARP's two marks <c>Active</c> is
/// what a server has said or shown of itself, and <c>Passive</c> that it says nothing: see <see cref="ProbedServers"/>.
/// </summary>
internal sealed class ServerHealth(IClusterDestinationsUpdater updater, ProbedAddresses addresses, ILogger<ServerHealth> logger)
{
    /// <summary>From now on it gets nothing new; what it has begun it may finish.</summary>
    public void TakeOut(ClusterState cluster, DestinationState server, string reason) =>
        Change(cluster, server, DestinationHealth.Unhealthy, server.Health.Passive, reason);

    /// <summary>It gets nothing new as long as another one is healthy.</summary>
    public void HoldBack(ClusterState cluster, DestinationState server) =>
        Change(cluster, server, server.Health.Active, DestinationHealth.Unhealthy, "it does not answer probes");

    public void LetIn(ClusterState cluster, DestinationState server) =>
        Change(cluster, server, DestinationHealth.Healthy, DestinationHealth.Unknown, "");

    /// <summary>
    /// Makes what requests choose from agree with the list of servers. The proxy makes both one after the other, without a lock between a new
    /// list and a server that goes out meanwhile: an old choice may win, and would stay.
    /// </summary>
    public void Agree(ClusterState cluster)
    {
        var chosenFrom = cluster.DestinationsState.AllDestinations;
        if (
            chosenFrom.Count != cluster.Destinations.Count
            || chosenFrom.Any(server => !cluster.Destinations.TryGetValue(server.DestinationId, out var listed) || listed != server)
        )
        {
            updater.UpdateAllDestinations(cluster);
        }
    }

    public static bool IsOut(DestinationState server) =>
        server.Health.Active == DestinationHealth.Unhealthy || server.Health.Passive == DestinationHealth.Unhealthy;

    private void Change(ClusterState cluster, DestinationState server, DestinationHealth active, DestinationHealth passive, string reason)
    {
        bool wasOut;
        // A hundred requests may find out the same thing at once; it is said once.
        lock (server)
        {
            var hasMoved = addresses.HasMoved(server);
            if (server.Health.Active == active && server.Health.Passive == passive && !hasMoved)
            {
                return;
            }
            wasOut = IsOut(server) && !hasMoved;
            addresses.Note(server, server.Model.Config.Address);
            (server.Health.Active, server.Health.Passive) = (active, passive);
            updater.UpdateAvailableDestinations(cluster);
        }
        if (active == DestinationHealth.Healthy && passive != DestinationHealth.Unhealthy)
        {
            BalancingLog.ServerIn(logger, server.DestinationId);
            EdgeTelemetry.ServerChanges.Add(1, new("server", server.DestinationId), new("state", "in"));
        }
        else if (!wasOut)
        {
            BalancingLog.ServerOut(logger, server.DestinationId, reason);
            EdgeTelemetry.ServerChanges.Add(1, new("server", server.DestinationId), new("state", "out"));
        }
    }
}
