using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>H1 and B1 to B6: firewall and load balancer.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class EdgeRowTests(AwsTemplates templates)
{
    private readonly Rows _rows = new(templates.Prod);

    private Resource Targets => _rows.One("AWS::ElasticLoadBalancingV2::TargetGroup");

    private JsonElement Rule(string name) =>
        Assert.Single(_rows.One("AWS::WAFv2::WebACL")["Rules"].Items(), rule => rule.At("Name").Is(name));

    [Theory]
    [InlineData("AWSManagedRulesSQLiRuleSet")]
    [InlineData("AWSManagedRulesCommonRuleSet")]
    [InlineData("AWSManagedRulesKnownBadInputsRuleSet")]
    public void B1_SQL_injection_and_the_other_OWASP_classes_are_blocked(string group)
    {
        var rule = Rule(group);

        Assert.Equal("AWS", rule.At("Statement", "ManagedRuleGroupStatement", "VendorName").GetString());
        Assert.Equal(group, rule.At("Statement", "ManagedRuleGroupStatement", "Name").GetString());
        // None: what the group says is done. Count would only look on.
        Assert.True(rule.At("OverrideAction", "None").IsThere());
    }

    /// <summary>1,000 a second: AWS counts no less than a minute.</summary>
    [Fact]
    public void B2_one_address_asks_60_000_times_a_minute_at_most()
    {
        var rate = Rule("rate").At("Statement", "RateBasedStatement");

        Assert.Equal(60_000, rate.At("Limit").Number());
        Assert.Equal(60, rate.At("EvaluationWindowSec").Number());
        Assert.Equal("IP", rate.At("AggregateKeyType").GetString());
        Assert.True(Rule("rate").At("Action", "Block").IsThere());
    }

    [Fact]
    public void B3_some_countries_are_refused()
    {
        Assert.NotEmpty(Rule("countries").At("Statement", "GeoMatchStatement", "CountryCodes").Items());
        Assert.True(Rule("countries").At("Action", "Block").IsThere());
    }

    [Fact]
    public void B1_the_firewall_stands_before_the_load_balancer()
    {
        var guard = _rows.One("AWS::WAFv2::WebACLAssociation");

        Assert.Equal("REGIONAL", _rows.Text(_rows.Behind(guard, "WebACLArn"), "Scope"));
        Assert.Equal("AWS::ElasticLoadBalancingV2::LoadBalancer", _rows.Behind(guard, "ResourceArn").Type);
    }

    [Fact]
    public void B4_TLS_1_3_ends_at_the_load_balancer_and_without_TLS_there_is_only_the_way_to_it()
    {
        var listeners = _rows.All("AWS::ElasticLoadBalancingV2::Listener").ToDictionary(listener => listener["Port"].Number()!.Value);

        Assert.Equal([80, 443], listeners.Keys.Order());
        Assert.Equal("HTTPS", _rows.Text(listeners[443], "Protocol"));
        Assert.Equal("ELBSecurityPolicy-TLS13-1-3-2021-06", _rows.Text(listeners[443], "SslPolicy"));
        Assert.Equal("AWS::CertificateManager::Certificate", _rows.One("AWS::CertificateManager::Certificate").Type);
        var redirect = Assert.Single(listeners[80]["DefaultActions"].Items());
        Assert.Equal("redirect", redirect.At("Type").GetString());
        Assert.Equal("HTTPS", redirect.At("RedirectConfig", "Protocol").GetString());
        Assert.Equal("443", redirect.At("RedirectConfig", "Port").GetString());
        Assert.Equal("HTTP_301", redirect.At("RedirectConfig", "StatusCode").GetString());
    }

    [Fact]
    public void H1_members_name_leads_to_the_load_balancer_as_long_as_a_server_is_ready()
    {
        var name = _rows.One("AWS::Route53::RecordSet", "Name");

        Assert.Equal("{Domain}", _rows.Text(name, "Name"));
        Assert.Equal("PRIMARY", _rows.Text(name, "Failover"));
        Assert.True(name["AliasTarget", "EvaluateTargetHealth"].IsTrue());
        // And by itself as long as it is reached; the promotion of the second region switches this off.
        Assert.Equal(
            "ap-northeast-2.{Domain}",
            _rows.Text(_rows.Behind(name, "HealthCheckId"), "HealthCheckConfig", "FullyQualifiedDomainName")
        );
        Assert.Equal("AWS::ElasticLoadBalancingV2::LoadBalancer", _rows.Behind(name, "AliasTarget", "DNSName").Type);
        Assert.Equal("AWS::ElasticLoadBalancingV2::LoadBalancer", _rows.Behind(name, "AliasTarget", "HostedZoneId").Type);
    }

    [Fact]
    public void B5_a_server_that_is_not_ready_is_out_within_30_seconds()
    {
        Assert.Equal("/health/ready", _rows.Text(Targets, "HealthCheckPath"));
        Assert.Equal(8080, Targets["Port"].Number());
        Assert.Equal("HTTP", _rows.Text(Targets, "Protocol"));
        Assert.InRange(Targets["HealthCheckIntervalSeconds"].Number()!.Value * Targets["UnhealthyThresholdCount"].Number()!.Value, 1, 30);
    }

    [Fact]
    public void B6_a_member_stays_with_a_server()
    {
        Assert.Equal("true", Rows.Attribute(Targets, "TargetGroupAttributes", "stickiness.enabled"));
        Assert.Equal("lb_cookie", Rows.Attribute(Targets, "TargetGroupAttributes", "stickiness.type"));
    }

    [Fact]
    public void B1_what_is_blocked_is_logged_without_who_the_member_is()
    {
        var logging = _rows.One("AWS::WAFv2::LoggingConfiguration");

        Assert.Equal(
            ["authorization", "cookie"],
            logging["RedactedFields"].Items().Select(field => field.At("SingleHeader", "Name").GetString()).Order(StringComparer.Ordinal)
        );
    }
}
