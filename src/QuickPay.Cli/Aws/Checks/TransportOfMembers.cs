namespace QuickPay.Cli.Aws.Checks;

/// <summary>Members talk TLS 1.3 to a load balancer behind the firewall; who comes without TLS is sent there, and gets nothing else.</summary>
internal static class TransportOfMembers
{
    public static readonly Property Property = new("members talk TLS 1.3, through the firewall", Look);

    private const string Balancer = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    private const string Listener = "AWS::ElasticLoadBalancingV2::Listener";

    /// <summary>Beginning of the policies that know 1.3 alone; those of TLS13-1-2 take 1.2 too.</summary>
    private const string OnlyTls13 = "ELBSecurityPolicy-TLS13-1-3-";

    private static IEnumerable<Look> Look(Installation installation) =>
        installation
            .OfType(Listener)
            .Select(listener => new Look(listener, Fault(installation, listener)))
            .Concat(
                installation
                    .OfType("AWS::ElasticLoadBalancingV2::ListenerRule")
                    .Select(rule =>
                        Checks.Look.At(
                            rule,
                            installation.Find(rule, rule["ListenerArn"], Listener) is not { } of
                                || !of["Protocol"].Is("HTTP")
                                || OnlyRedirects(rule, "Actions"),
                            "it answers without TLS: only redirect to HTTPS there"
                        )
                    )
            )
            .Concat(
                installation
                    .OfType(Balancer)
                    .Where(balancer => !balancer["Scheme"].Is("internal"))
                    .Select(balancer =>
                        Checks.Look.At(
                            balancer,
                            installation
                                .OfType("AWS::WAFv2::WebACLAssociation")
                                .Any(guard => installation.Find(guard, guard["ResourceArn"], Balancer) == balancer),
                            "no firewall stands before it: add a WebACLAssociation"
                        )
                    )
            );

    private static string? Fault(Installation installation, Resource listener) =>
        installation.Text(listener, listener["Protocol"]) switch
        {
            "HTTPS" => installation.Text(listener, listener["SslPolicy"]).StartsWith(OnlyTls13, StringComparison.Ordinal)
                ? null
                : $"it takes older TLS than 1.3: set SslPolicy to one that begins with {OnlyTls13}",
            "HTTP" => OnlyRedirects(listener, "DefaultActions") ? null : "it answers without TLS: only redirect to HTTPS there",
            var other => $"nobody has decided whether {other} may be listened to: HTTPS, or HTTP that redirects",
        };

    private static bool OnlyRedirects(Resource resource, string actions) =>
        resource[actions].Items().Any()
        && resource[actions].Items().All(action => action.At("Type").Is("redirect") && action.At("RedirectConfig", "Protocol").Is("HTTPS"));
}
