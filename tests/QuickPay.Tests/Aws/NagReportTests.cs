using QuickPay.Cli.Aws.Nag;

namespace QuickPay.Tests.Aws;

/// <summary>Findings of rule packs against what is suppressed. The packs themselves want npm, and are in the integration tests.</summary>
public sealed class NagReportTests
{
    private const string Wild = "AwsSolutions-IAM5[Resource::*]";
    private static readonly string[] Both = ["dev", "prod"];

    [Fact]
    public void A_finding_that_nothing_is_said_about_is_open()
    {
        var report = Report([Bucket("dev")], []);

        Assert.False(report.Holds);
        Assert.Equal(Bucket("dev"), Assert.Single(report.Open));
        Assert.Equal(new NagCounts(NagPacks.AwsSolutions, Findings: 1, Suppressed: 0, Owed: 0, Open: 1), report.Packs[0]);
    }

    [Theory]
    [InlineData("QuickPay-prod-Audit", "TrailABC")]
    [InlineData("QuickPay-prod-Audit", "Trail*")]
    [InlineData("QuickPay-prod-Audit", "AWS::S3::Bucket")]
    [InlineData("QuickPay-*-Audit", "Trail*")]
    public void A_finding_with_a_reason_is_suppressed(string stack, string resource)
    {
        var report = Report([Bucket("prod")], [Why("AwsSolutions-S1", stack, resource)], ["prod"]);

        Assert.True(report.Holds);
        Assert.Equal(new NagCounts(NagPacks.AwsSolutions, Findings: 1, Suppressed: 1, Owed: 0, Open: 0), report.Packs[0]);
        Assert.Equal(Bucket("prod"), Assert.Single(report.Suppressed).Finding);
    }

    [Theory]
    [InlineData("AwsSolutions-S2", "QuickPay-prod-Audit", "TrailABC")]
    [InlineData("AwsSolutions-S1", "QuickPay-prod-Data", "TrailABC")]
    [InlineData("AwsSolutions-S1", "QuickPay-dev-Audit", "TrailABC")]
    [InlineData("AwsSolutions-S1", "QuickPay-prod-Audit", "Trail")]
    [InlineData("AwsSolutions-S1", "QuickPay-prod-Audit", "Archive*")]
    [InlineData("AwsSolutions-S1", "QuickPay-prod-Audit", "AWS::S3::BucketPolicy")]
    public void A_reason_for_something_else_suppresses_nothing_and_is_stale(string rule, string stack, string resource)
    {
        var report = Report([Bucket("prod")], [Why(rule, stack, resource)]);

        Assert.Single(report.Open);
        Assert.Equal($"{rule} at {stack}/{resource}", Assert.Single(report.Stale));
    }

    [Fact]
    public void A_reason_for_what_is_mended_is_stale()
    {
        var report = Report([], [Why("AwsSolutions-S1", "QuickPay-prod-Audit", "Trail*")]);

        Assert.False(report.Holds);
        Assert.Equal("AwsSolutions-S1 at QuickPay-prod-Audit/Trail*", Assert.Single(report.Stale));
    }

    [Fact]
    public void Whatever_a_reason_names_must_be_found()
    {
        var all = new Suppression(["AwsSolutions-S1"], ["QuickPay-*-Audit"], ["Trail*", "Archive*"], Argument);

        var report = Report([Bucket("dev"), Bucket("prod"), Bucket("prod") with { LogicalId = "ArchiveABC" }], [all]);

        Assert.Empty(report.Open);
        Assert.Equal("AwsSolutions-S1 at QuickPay-dev-Audit/Archive*", Assert.Single(report.Stale));
    }

    [Fact]
    public void What_was_not_looked_at_is_not_stale()
    {
        Suppression[] other =
        [
            Why("AwsSolutions-S1", "QuickPay-prod-Audit", "Trail*"),
            Why("PCI.DSS.321-S3BucketLoggingEnabled", "QuickPay-dev-Audit", "Trail*"),
        ];

        Assert.True(NagReport.Of(new NagScan(1, []), other, ["dev"], [NagPacks.AwsSolutions]).Holds);
        Assert.Equal(2, Report([], other).Stale.Count);
    }

    /// <summary>Policies have stars of their own: one for everything must not stand for everything that is less.</summary>
    [Fact]
    public void A_star_in_a_rule_is_a_star()
    {
        var narrower = Bucket("prod") with { Rule = "AwsSolutions-IAM5[Resource::arn:aws:s3:::a/*]" };

        var report = Report([Bucket("prod") with { Rule = Wild }, narrower], [Why(Wild, "QuickPay-prod-Audit", "Trail*")]);

        Assert.Equal(narrower, Assert.Single(report.Open));
        Assert.Empty(report.Stale);
    }

    [Fact]
    public void A_rule_may_name_the_installation()
    {
        NagFinding[] findings = [.. Both.Select(name => Bucket(name) with { Rule = $"AwsSolutions-IAM5[Resource::/quickpay/{name}/*]" })];

        var report = Report(findings, [Why("AwsSolutions-IAM5[Resource::/quickpay/{env}/*]", "QuickPay-*-Audit", "Trail*")]);

        Assert.True(report.Holds);
    }

    [Fact]
    public void What_is_owed_is_suppressed_and_counted()
    {
        var owed = Why("AwsSolutions-S1", "QuickPay-prod-Audit", "Trail*") with { Reason = $"Open: {Argument}" };

        var report = Report([Bucket("prod")], [owed]);

        Assert.True(report.Holds);
        Assert.Equal(new NagCounts(NagPacks.AwsSolutions, Findings: 1, Suppressed: 1, Owed: 1, Open: 0), report.Packs[0]);
    }

    private const string Argument = "CloudTrail notes every read of it, with who it was.";

    private static NagFinding Bucket(string environment) =>
        new(
            $"QuickPay-{environment}-Audit",
            "TrailABC",
            "AWS::S3::Bucket",
            NagPacks.AwsSolutions,
            "AwsSolutions-S1",
            "error",
            "The bucket has server access logs disabled."
        );

    private static Suppression Why(string rule, string stack, string resource) => new([rule], [stack], [resource], Argument);

    private static NagReport Report(NagFinding[] findings, Suppression[] suppressions, string[]? environments = null) =>
        NagReport.Of(new NagScan(findings.Length, findings), suppressions, environments ?? Both, NagPacks.All);
}
