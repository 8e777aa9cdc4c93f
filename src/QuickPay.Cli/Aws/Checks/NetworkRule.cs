using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>One rule of a security group.</summary>
/// <param name="Where">What has it: the group, or a resource of its own.</param>
/// <param name="LetsIn">In, or out.</param>
/// <param name="Group">Whose it is; null: of none of ours.</param>
/// <param name="Peer">The group at the other end; null: <paramref name="Range"/>.</param>
/// <param name="Range">Addresses, or a list of them.</param>
/// <param name="Ports">Which.</param>
internal sealed record NetworkRule(Resource Where, bool LetsIn, Resource? Group, Resource? Peer, string Range, PortRange Ports)
{
    public const string GroupType = "AWS::EC2::SecurityGroup";
    private const string Ingress = "AWS::EC2::SecurityGroupIngress";
    private const string Egress = "AWS::EC2::SecurityGroupEgress";

    /// <summary>How CDK says "nothing": a rule that fits nobody, so that AWS does not add one that fits everybody.</summary>
    private const string Nobody = "255.255.255.255/32";

    /// <summary>Every address there is.</summary>
    public bool IsAnybody => Peer is null && Range is "0.0.0.0/0" or "::/0";

    public static IReadOnlyList<NetworkRule> In(Installation installation)
    {
        var rules = new List<NetworkRule>();
        foreach (var group in installation.OfType(GroupType))
        {
            rules.AddRange(group["SecurityGroupIngress"].Items().Select(rule => Read(installation, group, group, rule, letsIn: true)));
            rules.AddRange(group["SecurityGroupEgress"].Items().Select(rule => Read(installation, group, group, rule, letsIn: false)));
        }
        rules.AddRange(
            installation
                .OfType(Ingress, Egress)
                .Select(rule =>
                    Read(installation, rule, installation.Find(rule, rule["GroupId"], GroupType), rule.Properties, rule.Type == Ingress)
                )
        );
        // AWS lets a group that has no rule for it out to everywhere.
        rules.AddRange(
            installation
                .OfType(GroupType)
                .Where(group => !rules.Any(rule => !rule.LetsIn && rule.Group == group))
                .Select(group => new NetworkRule(group, LetsIn: false, group, Peer: null, "0.0.0.0/0", PortRange.All))
        );
        return [.. rules.Where(rule => rule.Range != Nobody)];
    }

    private static NetworkRule Read(Installation installation, Resource where, Resource? group, JsonElement rule, bool letsIn)
    {
        var (peer, list) = letsIn
            ? ("SourceSecurityGroupId", "SourcePrefixListId")
            : ("DestinationSecurityGroupId", "DestinationPrefixListId");
        var range = new[] { rule.At("CidrIp"), rule.At("CidrIpv6"), rule.At(list), rule.At(peer) }.FirstOrDefault(value => value.IsThere());
        return new NetworkRule(
            where,
            letsIn,
            group,
            installation.Find(where, rule.At(peer), GroupType),
            installation.Text(where, range),
            PortRange.Of(installation.Text(where, rule.At("IpProtocol")), rule.At("FromPort").Number(), rule.At("ToPort").Number())
        );
    }
}

/// <summary>Ports of one protocol.</summary>
internal readonly record struct PortRange(string Protocol, int From, int To)
{
    private const string Any = "-1";

    public static readonly PortRange All = new(Any, 0, ushort.MaxValue);

    public static PortRange Of(string protocol, int? from, int? to) =>
        protocol == Any || from is null ? new(protocol, 0, ushort.MaxValue) : new(protocol, from.Value, to ?? from.Value);

    public static PortRange Tcp(int port) => new("tcp", port, port);

    public bool Covers(PortRange other) => (Protocol == Any || Protocol == other.Protocol) && From <= other.From && other.To <= To;

    /// <summary><c>443</c>, <c>8000-8080</c>, <c>udp 53</c>, <c>everything</c>.</summary>
    public override string ToString() =>
        Protocol == Any ? "everything"
        : (From == To ? $"{From}" : $"{From}-{To}") is var ports && Protocol == "tcp" ? ports
        : $"{Protocol} {ports}";
}
