using System.Net;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>Whoever is outside comes to the load balancer, by its two ports, and to nothing else.</summary>
internal static class OpenToTheInternet
{
    public static readonly Property Property = new("only the load balancer is open, on 443 and 80", Look);

    private static readonly PortRange[] Doors = [PortRange.Tcp(443), PortRange.Tcp(80)];

    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>Whether all of a range belongs to private networks; of a list nobody knows.</summary>
    public static bool IsPrivate(string range) =>
        IPNetwork.TryParse(range, out var network)
        && Private.Any(inside => inside.PrefixLength <= network.PrefixLength && inside.Contains(network.BaseAddress));

    private static IEnumerable<Look> Look(Installation installation)
    {
        var parts = Parts.Of(installation);
        return NetworkRule
            .In(installation)
            .Where(rule => rule is { LetsIn: true, Peer: null } && !IsPrivate(rule.Range))
            .Select(rule =>
                Checks.Look.At(
                    rule.Where,
                    rule.Group is { } group && parts[group] is Part.LoadBalancer && Doors.Contains(rule.Ports),
                    $"it lets {rule.Range} in to {rule.Ports}: name a security group of ours instead"
                )
            );
    }
}
