using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.Cli.Cost;

/// <summary>What stands between members and servers.</summary>
internal static class NetworkUsages
{
    /// <summary>Groups of Amazon's rules that cost more than a rule.</summary>
    private static readonly string[] PaidGroups =
    [
        "AWSManagedRulesBotControlRuleSet",
        "AWSManagedRulesATPRuleSet",
        "AWSManagedRulesACFPRuleSet",
    ];

    public static readonly IReadOnlyDictionary<string, Func<TemplateReader, Resource, IEnumerable<Usage>>> Readers = new Dictionary<
        string,
        Func<TemplateReader, Resource, IEnumerable<Usage>>
    >
    {
        ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = LoadBalancer,
        ["AWS::WAFv2::WebACL"] = Firewall,
        ["AWS::EC2::NatGateway"] = (_, _) => [new(Groups.Network, "NAT gateways", "nat.hour", TemplateReader.Hours)],
        ["AWS::EC2::EIP"] = (_, _) => [new(Groups.Network, "public addresses", "ipv4.hour", TemplateReader.Hours)],
        ["AWS::EC2::VPCEndpoint"] = Endpoint,
        ["AWS::Route53::HostedZone"] = (_, _) => [new(Groups.Other, "zones of names", "route53.zone", 1)],
        ["AWS::Route53::HealthCheck"] = HealthCheck,
    };

    private static IEnumerable<Usage> LoadBalancer(TemplateReader reader, Resource balancer)
    {
        var type = reader.Text(balancer, "Type");
        TemplateReader.Refuse(balancer, type is not ("" or "application"), $"it is of type {type}");
        yield return new(Groups.Alb, Items.LoadBalancer, "alb.hour", TemplateReader.Hours);
        if (reader.Text(balancer, "Scheme") != "internet-facing")
            yield break;
        var zones = TemplateReader.Count(balancer, "Subnets") + TemplateReader.Count(balancer, "SubnetMappings");
        TemplateReader.Refuse(balancer, zones == 0, "public addresses in zones that it does not say");
        yield return new(Groups.Network, "public addresses", "ipv4.hour", zones * TemplateReader.Hours);
    }

    /// <summary>Asking more often, over TLS, for a word or for the time it takes costs apart.</summary>
    private static IEnumerable<Usage> HealthCheck(TemplateReader reader, Resource check)
    {
        yield return new(Groups.Other, "health checks", "route53.health-check", 1);
        var options =
            (TemplateReader.Number(check, 30, "HealthCheckConfig", "RequestInterval") < 30 ? 1 : 0)
            + (check["HealthCheckConfig", "MeasureLatency"].IsTrue() ? 1 : 0)
            + (reader.Text(check, "HealthCheckConfig", "Type").StartsWith("HTTPS", StringComparison.Ordinal) ? 1 : 0)
            + (reader.Text(check, "HealthCheckConfig", "SearchString") != "" ? 1 : 0);
        if (options > 0)
            yield return new(Groups.Other, "options of health checks", "route53.health-check-option", options);
    }

    private static IEnumerable<Usage> Firewall(TemplateReader reader, Resource firewall)
    {
        foreach (var rule in TemplateReader.Each(firewall, "Rules"))
        foreach (var group in PaidGroups)
            TemplateReader.Refuse(firewall, rule.GetRawText().Contains(group, StringComparison.Ordinal), $"{group} has a price of its own");
        yield return new(Groups.Firewall, Items.Acl, "waf.acl", 1);
        yield return new(Groups.Firewall, "rules", "waf.rule", TemplateReader.Count(firewall, "Rules"));
    }

    private static IEnumerable<Usage> Endpoint(TemplateReader reader, Resource endpoint)
    {
        var type = reader.Text(endpoint, "VpcEndpointType");
        if (type is "" or "Gateway")
            return [];
        TemplateReader.Refuse(endpoint, type != "Interface", $"it is of type {type}");
        var zones = TemplateReader.Count(endpoint, "SubnetIds");
        TemplateReader.Refuse(endpoint, zones == 0, "zones that it does not say");
        return [new(Groups.Network, "private endpoints", "endpoint.hour", zones * TemplateReader.Hours)];
    }
}
