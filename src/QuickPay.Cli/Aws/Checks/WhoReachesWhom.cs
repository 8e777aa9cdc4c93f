namespace QuickPay.Cli.Aws.Checks;

/// <summary>
/// The picture in the case study, and nothing beyond it: internet → load balancer → API → database and cache; workers and functions beside the
/// API. What a group lets out the other lets in, and the other way round.
/// </summary>
internal static class WhoReachesWhom
{
    public static readonly Property Property = new("nobody reaches what is not theirs", Look);

    private const int Https = 443;

    /// <summary>Every way that there may be.</summary>
    private static readonly (Part From, Part To, int Port)[] Allowed =
    [
        (Part.Internet, Part.LoadBalancer, Https),
        (Part.Internet, Part.LoadBalancer, 80),
        (Part.LoadBalancer, Part.Api, 8080),
        (Part.Api, Part.Database, 5432),
        (Part.Api, Part.Cache, 6379),
        (Part.Worker, Part.Database, 5432),
        (Part.Worker, Part.Cache, 6379),
        (Part.Function, Part.Database, 5432),
        .. from inside in new[] { Part.Api, Part.Worker, Part.Function }
        from outside in new[] { Part.Endpoints, Part.Internet }
        select (inside, outside, Https),
    ];

    /// <summary>What does not work without.</summary>
    private static readonly (Part From, Part To)[] Needed =
    [
        (Part.LoadBalancer, Part.Api),
        (Part.Api, Part.Database),
        (Part.Api, Part.Cache),
        (Part.Worker, Part.Database),
        (Part.Worker, Part.Cache),
    ];

    private static IEnumerable<Look> Look(Installation installation)
    {
        var reach = Reach.Of(installation);
        foreach (var group in reach.Groups)
        {
            yield return new Look(
                group.Group!,
                group.Part == Part.Unknown
                    ? $"it stands around several different things, or one that {nameof(Parts)} does not know: one group for each, each known there"
                    : null
            );
            foreach (var (_, to) in Needed.Where(need => need.From == group.Part))
            {
                if (!reach.Ways.Any(way => way.From == group && way.To.Part == to))
                {
                    yield return new Look(group.Group!, $"{group.Name} does not reach the {Parts.NameOf(to)}: allow it at both ends");
                }
            }
        }
        foreach (var way in reach.Ways.Where(way => way.From.Part != Part.Nothing && way.To.Part != Part.Nothing))
        {
            var isAllowed = Allowed.Any(allowed =>
                (allowed.From, allowed.To) == (way.From.Part, way.To.Part) && way.Ports == PortRange.Tcp(allowed.Port)
            );
            yield return new Look(
                (way.To.Group ?? way.From.Group)!,
                isAllowed
                    ? null
                    : $"{way.From.Name} reaches {way.To.Name} on {way.Ports}: take the rules away, or add the way to {nameof(WhoReachesWhom)}"
            );
        }
        foreach (var half in reach.Halves)
        {
            yield return new Look(
                half.Rule.Where,
                half.Rule.LetsIn
                    ? $"{half.To.Name} lets {half.From.Name} in on {half.Rule.Ports}, which {half.From.Name} is not let out to: rules at both ends, or at none"
                    : $"{half.From.Name} is let out to {half.To.Name} on {half.Rule.Ports}, which {half.To.Name} does not let in: rules at both ends, or at none"
            );
        }
        foreach (var rule in NetworkRule.In(installation).Where(rule => rule.Group is null))
        {
            yield return new Look(rule.Where, "it is a rule of no security group of ours: nobody sees what it opens");
        }
    }
}
