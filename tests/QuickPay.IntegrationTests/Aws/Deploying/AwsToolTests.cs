using QuickPay.Cli.Aws.Deploying;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>AWS's command is a program of its own, with an environment and an exit code.</summary>
public sealed class AwsToolTests : IDisposable
{
    private readonly PlayedAws _aws = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _aws.Dispose();

    /// <summary>The played one refuses to answer without <c>--output json</c>, and where there might be a pager.</summary>
    [Fact]
    public async Task It_is_asked_for_JSON_and_without_a_pager()
    {
        var said = await _aws.AsProgram.AskAsync("ap-northeast-2", Cancellation, "sts", "get-caller-identity");

        Assert.Equal("123456789012", said.GetProperty("Account").GetString());
    }

    [Fact]
    public async Task What_it_refuses_is_told_in_its_words()
    {
        _aws.Deny("sts get-caller-identity");

        var refused = await Assert.ThrowsAsync<AwsException>(() =>
            _aws.AsProgram.AskAsync(null, Cancellation, "sts", "get-caller-identity")
        );

        Assert.True(refused.IsDenied);
        Assert.StartsWith("aws sts get-caller-identity: An error occurred (AccessDenied)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_of_nothing_is_no_failure()
    {
        var said = await _aws.AsProgram.AskAsync(
            "ap-northeast-2",
            Cancellation,
            "s3api",
            "list-object-versions",
            "--bucket",
            "programs-bucket"
        );

        Assert.Equal(System.Text.Json.JsonValueKind.Undefined, said.ValueKind);
    }
}
