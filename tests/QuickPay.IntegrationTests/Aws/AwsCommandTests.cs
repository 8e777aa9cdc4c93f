using System.Text.Json;
using QuickPay.Cli.Aws.Checks;
using QuickPay.Cli.Commands;
using QuickPay.IntegrationTests.Local;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>`aws check`, as people and programs call it.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class AwsCommandTests(AwsTemplates templates)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_holds_ends_with_0_and_is_told_in_JSON()
    {
        await using var command = RunningCommand.Start("aws", "check", "--env", "prod", "--json");

        var check = JsonSerializer.Deserialize<JsonElement>(await command.OutputAsync(Cancellation)).EnumerateArray().Single();

        Assert.Equal(0, await command.ExitAsync(Cancellation));
        Assert.Equal("prod", check.GetProperty("environment").GetString());
        Assert.Equal(
            Properties.All.Select(property => property.Name),
            check.GetProperty("properties").EnumerateArray().Select(property => property.GetProperty("property").GetString())
        );
        Assert.Contains(
            """{"from":"LoadBalancer","to":"Api","ports":"8080"}""",
            check.GetProperty("ways").EnumerateArray().Select(way => JsonSerializer.Serialize(way))
        );
    }

    [Fact]
    public async Task An_installation_that_there_is_not_is_no_usage()
    {
        await using var command = RunningCommand.Start("aws", "check", "--env", "test");

        Assert.Equal(2, await command.ExitAsync(Cancellation));
        // Before anything is made, and not because that failed.
        Assert.Contains("Must be one of", command.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finding_is_told_with_its_place_and_ends_with_1()
    {
        var check = AwsCheck.Of(templates.Changed("prod", Breaks.All["IMDSv1"].Change));

        var shown = JsonSerializer.SerializeToElement(check, AwsCheckJson.Default.AwsCheck);

        Assert.False(check.Holds);
        Assert.Equal(
            "QuickPay-prod-Service/WorkerTemplate (AWS::EC2::LaunchTemplate)",
            shown
                .GetProperty("properties")
                .EnumerateArray()
                .SelectMany(property => property.GetProperty("findings").EnumerateArray())
                .Single()
                .GetProperty("where")
                .GetString()
        );
    }
}
