namespace QuickPay.Cli.Aws.Checks;

/// <summary>What a security group stands around.</summary>
internal enum Part
{
    /// <summary>Everybody outside.</summary>
    Internet,

    /// <summary>Addresses that are no group.</summary>
    Addresses,

    LoadBalancer,

    /// <summary>Servers that the load balancer asks.</summary>
    Api,

    /// <summary>Servers that nobody asks.</summary>
    Worker,

    Function,

    Database,

    Cache,

    /// <summary>AWS's own services, inside our network.</summary>
    Endpoints,

    /// <summary>Nothing is in it.</summary>
    Nothing,

    /// <summary>Something that nobody has given a place here, or several different things.</summary>
    Unknown,
}

/// <summary>Finds out of each security group what it stands around, by who refers to it.</summary>
internal static class Parts
{
    /// <summary>Rules refer to groups too, and stand around nothing.</summary>
    private static readonly string[] Rules = ["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"];

    public static IReadOnlyDictionary<Resource, Part> Of(Installation installation)
    {
        var around = installation.OfType(NetworkRule.GroupType).ToDictionary(group => group, _ => new HashSet<Part>());
        foreach (var resource in installation.All.Where(resource => !Rules.Contains(resource.Type)))
        {
            foreach (var inside in resource.Properties.Inside())
            {
                if (installation.Find(resource, inside.Value, NetworkRule.GroupType) is { } group)
                {
                    around[group].Add(PartOf(installation, resource));
                }
            }
        }
        return around.ToDictionary(
            group => group.Key,
            group =>
                group.Value.Count switch
                {
                    0 => Part.Nothing,
                    1 => group.Value.Single(),
                    _ => Part.Unknown,
                }
        );
    }

    public static string NameOf(Part part) =>
        part switch
        {
            Part.Internet => "internet",
            Part.Addresses => "addresses",
            Part.LoadBalancer => "load balancer",
            Part.Api => "API servers",
            Part.Worker => "workers",
            Part.Function => "functions",
            Part.Database => "database",
            Part.Cache => "cache",
            Part.Endpoints => "AWS's services",
            Part.Nothing => "nothing is in it",
            _ => "unknown",
        };

    private static Part PartOf(Installation installation, Resource resource) =>
        resource.Type switch
        {
            "AWS::EC2::LaunchTemplate" => IsAsked(installation, resource) ? Part.Api : Part.Worker,
            "AWS::EC2::VPCEndpoint" => Part.Endpoints,
            "AWS::ElastiCache::ReplicationGroup" => Part.Cache,
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => Part.LoadBalancer,
            "AWS::Lambda::Function" => Part.Function,
            "AWS::RDS::DBCluster" or "AWS::RDS::DBInstance" => Part.Database,
            _ => Part.Unknown,
        };

    /// <summary>Whether a load balancer sends requests to the servers of a template.</summary>
    private static bool IsAsked(Installation installation, Resource template) =>
        installation
            .OfType("AWS::AutoScaling::AutoScalingGroup")
            .Where(group => group.Properties.Inside().Any(inside => installation.Find(group, inside.Value, template.Type) == template))
            .Any(group => group["TargetGroupARNs"].Items().Any());
}
