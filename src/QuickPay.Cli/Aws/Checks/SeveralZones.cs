using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>A zone that fails takes nothing with it that the others need.</summary>
internal static class SeveralZones
{
    public static readonly Property Property = new("no zone is needed", Look) { OnlyWhereDataIsKept = true };

    private static readonly Dictionary<string, Func<Installation, Resource, IEnumerable<string>>> Rules = new()
    {
        ["AWS::AutoScaling::AutoScalingGroup"] = (installation, group) => Over(installation, group, group["VPCZoneIdentifier"]),
        ["AWS::EC2::NatGateway"] = Gateway,
        ["AWS::EC2::VPCEndpoint"] = (installation, endpoint) =>
            endpoint["VpcEndpointType"].Is("Interface") ? Over(installation, endpoint, endpoint["SubnetIds"]) : [],
        ["AWS::ElastiCache::ReplicationGroup"] = (_, cache) =>
            new[] { "MultiAZEnabled", "AutomaticFailoverEnabled" }
                .Where(name => !cache[name].IsTrue())
                .Select(name => $"{name} is not true: set it"),
        ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = (installation, balancer) => Over(installation, balancer, balancer["Subnets"]),
        ["AWS::Lambda::Function"] = (installation, function) =>
            function["VpcConfig"].IsThere() ? Over(installation, function, function["VpcConfig", "SubnetIds"]) : [],
        ["AWS::RDS::DBInstance"] = (_, database) =>
            Survival.IsCopy(database) || database["MultiAZ"].IsTrue() ? [] : ["it has no standby in another zone: set MultiAZ"],
    };

    private static IEnumerable<Look> Look(Installation installation) =>
        installation.OfType([.. Rules.Keys]).SelectMany(resource => Checks.Look.At(resource, Rules[resource.Type](installation, resource)));

    private static IEnumerable<string> Over(Installation installation, Resource resource, JsonElement subnets) =>
        Subnets.ZonesOf(installation, resource, subnets) >= 2 ? [] : ["all of it is in one zone: give it subnets of several"];

    /// <summary>Who goes out by a gateway of another zone needs both.</summary>
    private static IEnumerable<string> Gateway(Installation installation, Resource gateway)
    {
        const string Type = "AWS::EC2::NatGateway";
        var zone = installation.Find(gateway, gateway["SubnetId"], "AWS::EC2::Subnet")?["AvailabilityZone"] ?? default;
        return from subnet in installation.OfType("AWS::EC2::Subnet")
            where installation.Text(subnet, subnet["AvailabilityZone"]) != installation.Text(gateway, zone)
            where Subnets.RoutesOf(installation, subnet).Any(route => installation.Find(route, route["NatGatewayId"], Type) == gateway)
            select $"{subnet.Id} of another zone goes out by it: give that zone a gateway of its own";
    }
}
