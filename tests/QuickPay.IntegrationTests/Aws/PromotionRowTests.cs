using System.Text.Json;
using System.Text.RegularExpressions;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>F3: the steps of the promotion. Two databases that take writes would be two ledgers.</summary>
[Collection(nameof(AwsTemplates))]
public sealed partial class PromotionRowTests(AwsTemplates templates)
{
    private readonly Rows _rows = new(templates.Prod, elsewhere: true);

    private Resource Document => _rows.One("AWS::SSM::Document");

    private List<JsonElement> Steps => [.. Document["Content", "mainSteps"].Items()];

    [Fact]
    public void F3_the_first_region_is_shut_out_before_the_second_takes_over()
    {
        var payload = Step("Fence").At("inputs", "InputPayload");
        var name = templates.Prod.OfType("AWS::Route53::RecordSet").Single(record => record["Failover"].Is("PRIMARY"));
        var primary = templates.Prod.OfType("AWS::RDS::DBInstance").Single(one => one["DBInstanceIdentifier"].Is("quickpay-prod"));

        Assert.Equal(
            [
                "Look",
                "Ask",
                "Word",
                "Ready",
                "Check",
                "Sure",
                "Blind",
                "CheckAgain",
                "Fence",
                "Closed",
                "Unfenced",
                "CatchUp",
                "Promote",
                "Wait",
                "StartWorkers",
                "FenceAgain",
            ],
            Steps.Select(step => step.At("name").GetString())
        );
        Assert.Equal("{Domain}", Text(payload.At("Domain")));
        Assert.Equal("{HostedZone}", Text(payload.At("Zone")));
        Assert.Equal("ap-northeast-2", Text(payload.At("FirstRegion")));
        Assert.Equal(_rows.Text(primary, "DBInstanceIdentifier"), Text(payload.At("FirstDatabase")));
        Assert.Equal(["Look.Lag", "Fence.Name", "Fence.Database", "Fence.Rules"], Rows.Texts(Document["Content", "outputs"]));
        // What is switched off stands before the record.
        Assert.Equal("{Domain}", _rows.Text(name, "Name"));
        Assert.Equal("AWS::Route53::HealthCheck", _rows.Behind(name, "HealthCheckId").Type);
    }

    /// <summary>Whatever else a step says, or does not say, a person is asked.</summary>
    [Theory]
    [InlineData("Ask", "{{ Look.Ask }}", "Word", "no>Ready")]
    [InlineData("Sure", "{{ Check.Go }}", "Blind", "yes>Fence")]
    [InlineData("Closed", "{{ Fence.Verdict }}", "Unfenced", "done>CatchUp", "lost>Promote")]
    public void F3_it_goes_on_unasked_only_where_no_second_ledger_can_come_of_it(
        string step,
        string of,
        string otherwise,
        params string[] choices
    )
    {
        var inputs = Step(step).At("inputs");

        Assert.Equal(otherwise, inputs.At("Default").GetString());
        Assert.All(inputs.At("Choices").Items(), choice => Assert.Equal(of, choice.At("Variable").GetString()));
        Assert.Equal(
            choices,
            inputs.At("Choices").Items().Select(choice => $"{choice.At("StringEquals").GetString()}>{choice.At("NextStep").GetString()}")
        );
        Assert.Equal("aws:approve", Step(otherwise).At("action").GetString());
    }

    /// <summary>A script that fails has said nothing.</summary>
    [Fact]
    public void F3_what_fails_before_the_promotion_ends_it()
    {
        var goesOn = Steps.Where(step => !step.At("action").Is("aws:branch") && !step.At("onFailure").Is("Abort"));

        Assert.Equal(["CatchUp", "Wait", "StartWorkers"], goesOn.Select(step => step.At("name").GetString()));
        Assert.All(goesOn, step => Assert.Equal("Continue", step.At("onFailure").GetString()));
        Assert.True(Step("StartWorkers").At("isCritical").IsTrue());
        Assert.False(Step("CatchUp").At("isCritical").IsTrue());
        // What is seen late is no failure.
        Assert.False(Step("Wait").At("isCritical").IsTrue());
        Assert.Equal(["FenceAgain"], Steps.Where(step => step.At("isEnd").IsTrue()).Select(step => step.At("name").GetString()));
        Assert.Equal(["Unfenced"], Steps.Where(step => step.At("nextStep").IsThere()).Select(step => step.At("name").GetString()));
        Assert.Equal("Promote", Step("Unfenced").At("nextStep").GetString());
    }

    [Fact]
    public void F3_every_question_says_what_is_at_stake()
    {
        Assert.All(
            new[] { "Word", "Blind", "Unfenced" },
            word => Assert.Contains("{{ Look.Lag }}", Step(word).At("inputs", "Message").GetString(), StringComparison.Ordinal)
        );
        var unfenced = Step("Unfenced").At("inputs", "Message").GetString();
        Assert.Contains("{{ Fence.Database }}", unfenced, StringComparison.Ordinal);
        Assert.Contains("two ledgers", unfenced, StringComparison.Ordinal);
        Assert.Equal("60", Step("Look").At("inputs", "InputPayload", "MostSeconds").GetString());
    }

    [Fact]
    public void F3_a_backup_of_the_replica_is_waited_for_before_anything_is_shut_out_and_after()
    {
        var ready = Step("Ready");

        Assert.Equal("aws:waitForAwsResourceProperty", ready.At("action").GetString());
        Assert.Equal("quickpay-prod-elsewhere", ready.At("inputs", "DBInstanceIdentifier").GetString());
        Assert.Equal(["available"], Rows.Texts(ready.At("inputs", "DesiredValues")));
        Assert.Equal(30 * 60, ready.At("timeoutSeconds").Number());
        // Each of eight minutes.
        Assert.Equal(4, Step("Promote").At("maxAttempts").Number());
        Assert.Equal("7", Step("Promote").At("inputs", "InputPayload", "BackupDays").GetString());
        Assert.Equal(6, Step("FenceAgain").At("maxAttempts").Number());
    }

    [Fact]
    public void F3_who_starts_it_by_hand_has_to_say_so()
    {
        var alarm = Document["Content", "parameters", "Alarm"];

        Assert.Equal(["lost", "silent", "none"], Rows.Texts(alarm.At("allowedValues")));
        Assert.False(alarm.At("default").IsThere());
        Assert.Equal("{{ Look.Ask }}", Step("Check").At("inputs", "InputPayload", "Worded").GetString());
        // A person has just said so.
        Assert.Equal("yes", Step("CheckAgain").At("inputs", "InputPayload", "Worded").GetString());
    }

    [Fact]
    public void F3_what_a_step_refers_to_was_said_by_one_before_it()
    {
        var said = new HashSet<string> { "Approval", "Alarm" };
        foreach (var step in Steps)
        {
            var inputs = step.At("inputs").GetRawText();
            Assert.All(Reference().Matches(inputs), match => Assert.Contains(match.Groups[1].Value, said));
            said.UnionWith(step.At("outputs").Items().Select(output => $"{step.At("name").GetString()}.{output.At("Name").GetString()}"));
        }
    }

    /// <summary>Systems Manager takes no document that is longer, and no script that runs longer.</summary>
    [Fact]
    public void F3_it_is_no_longer_than_it_may_be()
    {
        Assert.InRange(Document["Content"].GetRawText().Length, 1, 60_000);
        Assert.All(
            Steps.Where(step => step.At("action").Is("aws:executeScript")),
            step =>
            {
                Assert.InRange(step.At("timeoutSeconds").Number()!.Value, 1, 600);
                Assert.DoesNotContain("{{", step.At("inputs", "Script").GetString(), StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public void F3_every_call_of_a_step_is_one_that_its_role_may_make()
    {
        var role = _rows.One("AWS::IAM::Role", "Promoter");
        var may = templates
            .Prod.OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Contains(role))
            .SelectMany(Statement.In)
            .SelectMany(statement => statement.Actions)
            .Select(action => action.Split(':')[1])
            .ToHashSet();
        var scripts = Directory
            .GetFiles(Path.Combine(Programs.RepositoryRoot, "infra/QuickPay.Aws/Recovery"), "*.py")
            .SelectMany(file => Call().Matches(File.ReadAllText(file)))
            .Select(match =>
                string.Concat(
                    match.Groups[1].Value.Split('_').Select(word => word == "db" ? "DB" : char.ToUpperInvariant(word[0]) + word[1..])
                )
            );
        var called = scripts
            .Concat(Steps.Select(step => step.At("inputs", "Api")).Where(api => api.IsThere()).Select(api => api.GetString()!))
            .ToHashSet();

        Assert.Equal(11, called.Count);
        Assert.Empty(called.Except(may));
    }

    private JsonElement Step(string name) => Steps.Single(step => step.At("name").Is(name));

    private string Text(JsonElement value) => templates.Prod.Text(Document, value);

    [GeneratedRegex("{{ ([A-Za-z.]+) }}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\.((?:describe|get|list|update|revoke|reboot|promote)_[a-z_]+|publish)\b")]
    private static partial Regex Call();
}
