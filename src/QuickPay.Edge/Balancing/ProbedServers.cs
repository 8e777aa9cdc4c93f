using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// Which servers may get requests: those whose last probe was good. A new one waits for its first probe as long as another is healthy.
/// Where none is healthy, those are tried that have not said no: when all fall silent at once, it is the machine or the network that is
/// slow, and to turn members away would make an outage of it. A server whose address has changed is a new one, whatever its marks say.
/// </summary>
internal sealed class ProbedServers(ProbedAddresses addresses) : IAvailableDestinationsPolicy
{
    public const string PolicyName = "Probed";

    public string Name => PolicyName;

    // The name is the interface's.
    public IReadOnlyList<DestinationState> GetAvailalableDestinations(ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        var healthy = allDestinations
            .Where(server =>
                server.Health.Active == DestinationHealth.Healthy && !ServerHealth.IsOut(server) && !addresses.HasMoved(server)
            )
            .ToList();
        return healthy.Count > 0
            ? healthy
            : [.. allDestinations.Where(server => server.Health.Active != DestinationHealth.Unhealthy || addresses.HasMoved(server))];
    }
}

/// <summary>Which address a server's marks are about: the proxy keeps them when the list gives the server another one.</summary>
internal sealed class ProbedAddresses
{
    private readonly ConditionalWeakTable<DestinationState, string> _addresses = [];

    public bool HasMoved(DestinationState server) =>
        _addresses.TryGetValue(server, out var address) && address != server.Model.Config.Address;

    public void Note(DestinationState server, string address) => _addresses.AddOrUpdate(server, address);
}
