using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>A server as the edge sees it.</summary>
/// <param name="Id">Its name in the list of servers.</param>
/// <param name="Address">Scheme, host and port.</param>
/// <param name="Health"><c>healthy</c>, <c>unhealthy</c>, or <c>unknown</c> before the first probe of its address.</param>
/// <param name="InFlight">Requests that it is working on.</param>
internal sealed record ServerView(string Id, string Address, string Health, int InFlight);

/// <summary>The whole answer of <c>GET /servers</c>.</summary>
internal sealed record ServersView(IReadOnlyList<ServerView> Servers);

/// <summary>
/// <c>GET /servers</c> at the internal address: the servers of the list and how they are. They are added and removed in the file
/// (<see cref="BalancingOptions.ServersFile"/>), which survives a restart.
/// </summary>
internal static class ServersPage
{
    public static void MapServers(this IEndpointRouteBuilder routes) =>
        routes.MapGet(
            "/servers",
            (IProxyStateLookup proxy, ProbedAddresses addresses) =>
                TypedResults.Ok(
                    new ServersView(
                        proxy.TryGetCluster(ServerList.Cluster, out var cluster)
                            ?
                            [
                                .. cluster
                                    .DestinationsState.AllDestinations.Select(server => View(server, addresses.HasMoved(server)))
                                    .OrderBy(server => server.Id, StringComparer.Ordinal),
                            ]
                            : []
                    )
                )
        );

    private static ServerView View(DestinationState server, bool hasMoved) =>
        new(
            server.DestinationId,
            server.Model.Config.Address,
            hasMoved ? "unknown"
                : ServerHealth.IsOut(server) ? "unhealthy"
                : server.Health.Active == DestinationHealth.Healthy ? "healthy"
                : "unknown",
            server.ConcurrentRequestCount
        );
}
