using QuickPay.Cli.Aws.Nag;
using QuickPay.Cli.Local;
using QuickPay.Tests.Tidy;

namespace QuickPay.Tests.Aws;

/// <summary>What may stand in <c>infra/nag/suppressions.json</c>.</summary>
public sealed class SuppressionTests
{
    private const string Where = "infra/nag/suppressions.json";

    [Fact]
    public void Those_that_are_checked_in_may_stand() => Assert.NotEmpty(Suppression.Parse(Repository.Read(Where), Where));

    [Theory]
    [InlineData("AwsSolutions-S1")]
    [InlineData("AwsSolutions-IAM5[Action::s3:*]")]
    [InlineData("AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]")]
    [InlineData("PCI.DSS.321-S3BucketLoggingEnabled")]
    public void A_rule_of_a_pack_may_be_named(string rule) => Assert.Equal(rule, Parse(rule: rule).Rules[0]);

    [Theory]
    [InlineData("*")]
    [InlineData("AwsSolutions-*")]
    [InlineData("AwsSolutions-S1*")]
    [InlineData("AwsSolutions")]
    [InlineData("S1")]
    [InlineData("awssolutions-s1")]
    [InlineData("NIST.800.53.R5-S3BucketLoggingEnabled")]
    [InlineData("AwsSolutions-IAM5[]")]
    [InlineData("AwsSolutions-IAM5[Action]")]
    [InlineData("AwsSolutions-S1\\n")]
    public void A_rule_that_no_pack_could_have_is_refused(string rule) => Refused("is no rule's id", rule: rule);

    [Theory]
    [InlineData("")]
    [InlineData("        ")]
    [InlineData("Not applicable.")]
    [InlineData("Nobody reads what stands in this bucket but us")]
    public void A_suppression_without_a_reason_is_refused(string reason) => Refused("it has no reason", reason: reason);

    [Theory]
    [InlineData("*")]
    [InlineData("QuickPay-*")]
    [InlineData("QuickPay-test-Audit")]
    [InlineData("QuickPay-prod-*")]
    public void A_stack_that_there_cannot_be_is_refused(string stack) => Refused("is no stack's name", stack: stack);

    [Theory]
    [InlineData("*")]
    [InlineData("*Bucket")]
    [InlineData("AWS::S3::*")]
    public void Everything_is_no_resource(string resource) => Refused("neither a logical id nor a kind", resource: resource);

    [Theory]
    [InlineData("""[{ "rules": [], "stacks": ["QuickPay-prod-Audit"], "resources": ["Trail*"], "reason": "" }]""", "at least one rule")]
    [InlineData("""[{ "rules": ["AwsSolutions-S1"], "stacks": ["QuickPay-prod-Audit"], "resources": ["Trail*"] }]""", "reason")]
    [InlineData(
        """[{"rules":["AwsSolutions-S1"],"stacks":["QuickPay-prod-Audit"],"resources":["Trail*"],"reason":"CloudTrail notes every read of it, with names.","type":"x"}]""",
        "type"
    )]
    [InlineData("null", "is empty")]
    [InlineData("[", "cannot be read")]
    public void What_is_no_suppression_is_refused(string json, string why) =>
        Assert.Contains(why, Assert.Throws<LocalException>(() => Suppression.Parse(json, Where)).Message);

    [Fact]
    public void A_refusal_says_which() => Refused($"{Where}, number 1 (AwsSolutions-S1): ", reason: "");

    private static void Refused(
        string why,
        string rule = "AwsSolutions-S1",
        string stack = "QuickPay-prod-Audit",
        string resource = "Trail*",
        string reason = Reason
    ) => Assert.Contains(why, Assert.Throws<LocalException>(() => Parse(rule, stack, resource, reason)).Message);

    private static Suppression Parse(
        string rule,
        string stack = "QuickPay-prod-Audit",
        string resource = "Trail*",
        string reason = Reason
    ) =>
        Assert.Single(
            Suppression.Parse(
                $$"""[{ "rules": ["{{rule}}"], "stacks": ["{{stack}}"], "resources": ["{{resource}}"], "reason": "{{reason}}" }]""",
                Where
            )
        );

    private const string Reason = "CloudTrail notes every read of it, with who it was.";
}
