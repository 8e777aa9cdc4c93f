using Amazon.CDK.AWS.WAFv2;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Edge;

/// <summary>
/// What the firewall refuses, in this order: countries, addresses that ask too often, addresses of ill repute, and what attacks look like.
/// The groups of patterns are Amazon's; they correspond to the OWASP rules of our own edge.
/// </summary>
internal static class FirewallRules
{
    private const int RateWindowSeconds = 60;

    /// <summary>Amazon's groups, in the order of their rules.</summary>
    public static readonly string[] ManagedGroups =
    [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    ];

    public static object[] Of(EdgeSettings settings) =>
        [
            .. new[] { Countries(settings.BlockedCountries), Rate(settings.RequestsPerMinute) }
                .Concat(ManagedGroups.Select(Managed))
                .Select(
                    (rule, priority) =>
                    {
                        rule.Priority = priority;
                        return rule;
                    }
                ),
        ];

    public static CfnWebACL.VisibilityConfigProperty Visible(string name) =>
        new()
        {
            MetricName = name,
            CloudWatchMetricsEnabled = true,
            // A sample would show what members send.
            SampledRequestsEnabled = false,
        };

    private static CfnWebACL.RuleProperty Countries(IReadOnlyList<string> countries) =>
        Blocking(
            "countries",
            new CfnWebACL.StatementProperty
            {
                GeoMatchStatement = new CfnWebACL.GeoMatchStatementProperty { CountryCodes = [.. countries] },
            }
        );

    private static CfnWebACL.RuleProperty Rate(int perMinute) =>
        Blocking(
            "rate",
            new CfnWebACL.StatementProperty
            {
                RateBasedStatement = new CfnWebACL.RateBasedStatementProperty
                {
                    AggregateKeyType = "IP",
                    Limit = perMinute,
                    EvaluationWindowSec = RateWindowSeconds,
                },
            }
        );

    private static CfnWebACL.RuleProperty Managed(string group) =>
        new()
        {
            Name = group,
            OverrideAction = new CfnWebACL.OverrideActionProperty { None = new Dictionary<string, object>() },
            Statement = new CfnWebACL.StatementProperty
            {
                ManagedRuleGroupStatement = new CfnWebACL.ManagedRuleGroupStatementProperty { VendorName = "AWS", Name = group },
            },
            VisibilityConfig = Visible(group),
        };

    private static CfnWebACL.RuleProperty Blocking(string name, CfnWebACL.StatementProperty statement) =>
        new()
        {
            Name = name,
            Action = new CfnWebACL.RuleActionProperty { Block = new CfnWebACL.BlockActionProperty() },
            Statement = statement,
            VisibilityConfig = Visible(name),
        };
}
