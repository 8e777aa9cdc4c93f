using QuickPay.Cli.Aws.Deploying;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>What CloudFormation refuses before it does anything is told with what is wrong, not with where to look for that.</summary>
public sealed class EarlyRefusalTests : IDisposable
{
    private const string Events = """
        [
          { "EventType": "VALIDATION_ERROR", "LogicalResourceId": "Database", "ValidationFailureMode": "FAIL",
            "ValidationPath": "/Resources/Database/Properties/DBInstanceIdentifier",
            "ValidationStatusReason": "There is a database of that name" },
          { "EventType": "VALIDATION_ERROR", "LogicalResourceId": "Cache", "ValidationFailureMode": "WARN",
            "ValidationStatusReason": "That is only odd" },
          { "EventType": "HOOK_INVOCATION_ERROR", "HookType": "Example::Rule::Hook", "HookStatusReason": "It has no tag" }
        ]
        """;

    private readonly SmallInstallation _installation = new();

    private PlayedAws Aws => _installation.Aws;

    public void Dispose() => _installation.Dispose();

    [Fact]
    public async Task What_is_wrong_is_told_by_resource()
    {
        var failed = await RefusedAsync(Events, () => _installation.DeployAsync());

        Assert.EndsWith(
            "\n  Database: There is a database of that name (at /Resources/Database/Properties/DBInstanceIdentifier)"
                + "\n  Example::Rule::Hook: It has no tag",
            failed.Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith($"{NameOf("Data")}: Early validation failed", failed.Message, StringComparison.Ordinal);
        Assert.Equal("REVIEW_IN_PROGRESS", _installation.StatusOf("Data"));
    }

    /// <summary>Its change set is taken away, but not before it was asked.</summary>
    [Fact]
    public async Task Whoever_only_looks_is_told_too()
    {
        await _installation.StandAsync();

        var failed = await RefusedAsync(Events, _installation.DiffAsync);

        Assert.Contains("Database: There is a database of that name", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("An error occurred (AccessDenied) when calling DescribeEvents", "(AccessDenied) when calling DescribeEvents")]
    [InlineData("usage: aws [options]\naws: error: argument operation: Invalid choice", "aws: error: argument operation: Invalid choice")]
    public async Task Where_it_cannot_be_read_the_refusal_itself_is_told_and_how_to_ask(string said, string told)
    {
        Aws.LoseAnswer("cloudformation describe-events", said);

        var failed = await RefusedAsync(Events, () => _installation.DeployAsync());

        Assert.StartsWith($"{NameOf("Data")}: Early validation failed", failed.Message, StringComparison.Ordinal);
        Assert.Contains($"could not be read ({told})", failed.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "by hand: aws cloudformation describe-events --change-set-name "
                + "arn:aws:cloudformation:ap-northeast-2:123456789012:changeSet/quickpay-deploy/of-QuickPay-dev-Data --region ap-northeast-2",
            failed.Message,
            StringComparison.Ordinal
        );
        // To ask why is no deployment that the caller may not do.
        Assert.False(failed.IsDenied);
    }

    [Fact]
    public async Task Where_no_event_says_more_that_is_told()
    {
        var failed = await RefusedAsync("[]", () => _installation.DeployAsync());

        Assert.Contains("No event says more; by hand: aws cloudformation describe-events", failed.Message, StringComparison.Ordinal);
    }

    private async Task<AwsException> RefusedAsync(string events, Func<Task> act)
    {
        await File.WriteAllTextAsync(Aws.At($"invalid-{NameOf("Data")}"), events, TestContext.Current.CancellationToken);
        return await Assert.ThrowsAsync<AwsException>(act);
    }
}
