namespace QuickPay.Cli.Aws.Checks;

/// <summary>One end of a way: a security group, or addresses.</summary>
/// <param name="Name">As it is drawn.</param>
/// <param name="Part">What it is.</param>
/// <param name="Group">Null: addresses.</param>
internal sealed record End(string Name, Part Part, Resource? Group);

/// <summary>A way that both ends allow.</summary>
internal sealed record Way(End From, End To, PortRange Ports);

/// <summary>A rule to or from a group whose rules do not allow the same.</summary>
internal sealed record HalfWay(NetworkRule Rule, End From, End To);

/// <summary>Who can reach whom, computed from the rules of all security groups.</summary>
internal sealed class Reach
{
    private readonly IReadOnlyDictionary<Resource, Part> _parts;
    private readonly Dictionary<Resource, string> _names;

    private Reach(Installation installation)
    {
        _parts = Parts.Of(installation);
        _names = NamesOf(_parts.Keys);
        var rules = NetworkRule.In(installation).Where(rule => rule.Group is not null).ToList();
        var (ways, halves) = (new HashSet<Way>(), new List<HalfWay>());
        foreach (var rule in rules)
        {
            var (own, other) = (EndOf(rule.Group!), EndOf(rule));
            var (from, to) = rule.LetsIn ? (other, own) : (own, other);
            if (rule.Peer is null || rules.Any(answer => Answers(answer, rule)))
            {
                ways.Add(new Way(from, to, rule.Ports));
            }
            else
            {
                halves.Add(new HalfWay(rule, from, to));
            }
        }
        Ways =
        [
            .. ways.OrderBy(way => way.From.Part)
                .ThenBy(way => way.From.Name, StringComparer.Ordinal)
                .ThenBy(way => way.To.Part)
                .ThenBy(way => way.To.Name, StringComparer.Ordinal)
                .ThenBy(way => way.Ports.From),
        ];
        Halves = halves;
    }

    public IReadOnlyList<Way> Ways { get; }

    public IReadOnlyList<HalfWay> Halves { get; }

    /// <summary>All groups.</summary>
    public IEnumerable<End> Groups => _parts.Keys.Select(EndOf).OrderBy(end => end.Part).ThenBy(end => end.Name, StringComparer.Ordinal);

    /// <summary>Groups that nothing is in: what they are allowed, nobody does.</summary>
    public IEnumerable<End> Unused => Groups.Where(group => group.Part == Part.Nothing);

    public static Reach Of(Installation installation) => new(installation);

    /// <summary>Whether a rule of the other end allows what a rule of this end does.</summary>
    private static bool Answers(NetworkRule answer, NetworkRule rule) =>
        answer.Group == rule.Peer
        && answer.LetsIn != rule.LetsIn
        && (answer.Peer == rule.Group || answer.IsAnybody)
        && answer.Ports.Covers(rule.Ports);

    private End EndOf(Resource group) => new(_names[group], _parts[group], group);

    private End EndOf(NetworkRule rule) =>
        rule.Peer is { } peer ? EndOf(peer)
        : OpenToTheInternet.IsPrivate(rule.Range) ? new End(rule.Range, Part.Addresses, null)
        : rule.IsAnybody ? new End("internet", Part.Internet, null)
        : new End(rule.Range, Part.Internet, null);

    /// <summary>Without what CDK adds to keep ids apart; those of a second region with their stack's name.</summary>
    private static Dictionary<Resource, string> NamesOf(IEnumerable<Resource> groups)
    {
        const int HashLength = 8;
        var names = new Dictionary<Resource, string>();
        foreach (
            var group in groups.OrderBy(group => group.Stack, StringComparer.Ordinal).ThenBy(group => group.Id, StringComparer.Ordinal)
        )
        {
            var name = group.Id.Length > HashLength ? group.Id[..^HashLength] : group.Id;
            names[group] = names.ContainsValue(name) ? $"{group.Stack.Split('-')[^1]}/{name}" : name;
        }
        return names;
    }
}
