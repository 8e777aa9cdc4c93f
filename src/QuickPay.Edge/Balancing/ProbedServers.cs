using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// Which servers may get requests: those whose last probe was good. A new one waits for its first probe as long as another is healthy;
/// where none is, it is tried.
/// </summary>
internal sealed class ProbedServers : IAvailableDestinationsPolicy
{
    public const string PolicyName = "Probed";

    public string Name => PolicyName;

    // The name is the interface's.
    public IReadOnlyList<DestinationState> GetAvailalableDestinations(ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        var healthy = allDestinations.Where(server => server.Health.Active == DestinationHealth.Healthy).ToList();
        return healthy.Count > 0 ? healthy : [.. allDestinations.Where(server => server.Health.Active == DestinationHealth.Unknown)];
    }
}
