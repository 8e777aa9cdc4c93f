using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// Which servers may get requests: those whose last probe was good. A new one waits for its first probe as long as another is healthy.
/// Where none is healthy, those are tried that have not said no: when all fall silent at once, it is the machine or the network that is
/// slow, and to turn members away would make an outage of it.
/// </summary>
internal sealed class ProbedServers : IAvailableDestinationsPolicy
{
    public const string PolicyName = "Probed";

    public string Name => PolicyName;

    // The name is the interface's.
    public IReadOnlyList<DestinationState> GetAvailalableDestinations(ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        var healthy = allDestinations
            .Where(server => server.Health.Active == DestinationHealth.Healthy && !ServerHealth.IsOut(server))
            .ToList();
        return healthy.Count > 0 ? healthy : [.. allDestinations.Where(server => server.Health.Active != DestinationHealth.Unhealthy)];
    }
}
