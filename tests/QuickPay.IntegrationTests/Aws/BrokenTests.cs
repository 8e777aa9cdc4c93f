using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>The templates hold; with one thing broken, that thing is found and nothing else.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class BrokenTests(AwsTemplates templates)
{
    public static TheoryData<string> Names => [.. Breaks.All.Keys];

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void What_is_checked_in_holds(string environment)
    {
        var reports = Properties.Check(templates[environment]);

        Assert.Empty(reports.SelectMany(report => report.Findings).Select(finding => $"{finding.Where}: {finding.Fault}"));
        Assert.All(reports, report => Assert.True(report.Resources > 0, report.Property));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_change_for_the_worse_is_found_and_nothing_else(string name)
    {
        var (change, expected) = Breaks.All[name];

        var findings = Properties.Check(templates.Changed("prod", change)).SelectMany(report => report.Findings).ToList();

        Assert.Equal(
            expected.Select(one => one.Property.Name).Order(StringComparer.Ordinal),
            findings.Select(finding => finding.Property).Order(StringComparer.Ordinal)
        );
        Assert.All(
            expected,
            one =>
                Assert.Contains(
                    findings,
                    finding =>
                        finding.Property == one.Property.Name
                        && finding.Where.Contains(one.Where, StringComparison.Ordinal)
                        && finding.Fault.Contains(one.Fault, StringComparison.Ordinal)
                )
        );
    }

    [Fact]
    public void Every_property_has_been_seen_to_find_something() =>
        Assert.Equal(
            Properties.All.Select(property => property.Name).Order(StringComparer.Ordinal),
            Breaks.All.Values.SelectMany(one => one.Expected).Select(one => one.Property.Name).Distinct().Order(StringComparer.Ordinal)
        );

    [Fact]
    public void A_property_that_has_nothing_to_look_at_says_so()
    {
        var without = templates.Changed("prod", edit => edit.Remove("AWS::KMS::Key", ""));

        Assert.Contains("nothing to look at", KeyRotation.Property.Check(without).Findings.Single().Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_be_thrown_away_need_not_survive()
    {
        var reports = Properties.Check(templates.Dev).Select(report => report.Property).ToList();

        Assert.DoesNotContain(Survival.Property.Name, reports);
        Assert.Contains(Encryption.Property.Name, reports);
        Assert.NotEmpty(Survival.Property.Check(templates.Dev).Findings);
    }
}
