using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>Where subnets are and which way out they have.</summary>
internal static class Subnets
{
    private const string Type = "AWS::EC2::Subnet";

    /// <summary>Those that a list names.</summary>
    public static IReadOnlyList<Resource> In(Installation installation, Resource of, JsonElement list) =>
        [.. list.Items().Select(subnet => installation.Find(of, subnet, Type)).OfType<Resource>()];

    /// <summary>How many zones those of a list are in.</summary>
    public static int ZonesOf(Installation installation, Resource of, JsonElement list) =>
        In(installation, of, list).Select(subnet => installation.Text(subnet, subnet["AvailabilityZone"])).Distinct().Count();

    /// <summary>Whether the internet has a way in, by a route to an internet gateway.</summary>
    public static bool IsPublic(Installation installation, Resource subnet) =>
        RoutesOf(installation, subnet).Any(route => installation.Find(route, route["GatewayId"], "AWS::EC2::InternetGateway") is not null);

    public static IEnumerable<Resource> RoutesOf(Installation installation, Resource subnet)
    {
        var tables = installation
            .OfType("AWS::EC2::SubnetRouteTableAssociation")
            .Where(association => installation.Find(association, association["SubnetId"], Type) == subnet)
            .Select(association => installation.Find(association, association["RouteTableId"], "AWS::EC2::RouteTable"))
            .ToList();
        return installation
            .OfType("AWS::EC2::Route")
            .Where(route => tables.Contains(installation.Find(route, route["RouteTableId"], "AWS::EC2::RouteTable")));
    }
}
