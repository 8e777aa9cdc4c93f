using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>The process and Lambda's interface, where one of them does not do its part.</summary>
public sealed class RuntimeContractTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public async Task A_handler_that_there_is_not_is_told_at_the_start()
    {
        await using var process = await FunctionProcess.StartAsync("payments", Nothing);

        Assert.Equal(1, await process.ExitAsync());
        Assert.Equal(
            "Runtime.UnknownHandler",
            (await process.Runtime.InitFailed.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).ErrorType
        );
        Assert.Contains("_HANDLER", await process.ErrorsAsync(), StringComparison.Ordinal);
        process.Runtime.ShouldHaveBeenUsedRight();
    }

    [Fact]
    public async Task Outside_of_Lambda_it_says_what_it_is()
    {
        using var process = FunctionProcess.Start(Nothing);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, process.ExitCode);
        Assert.Contains(
            "AWS_LAMBDA_RUNTIME_API",
            await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(413)]
    [InlineData(500)]
    public async Task An_answer_that_is_not_taken_ends_the_process(int status)
    {
        var runtime = await FakeRuntime.BeginAsync();
        runtime.AnswersWith = status;
        await using var process = await FunctionProcess.StartAsync("statistics", Nothing, runtime);
        var outcome = runtime.InvokeAsync("{}", TimeSpan.FromMinutes(1));

        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains($"was answered {status}", await process.ErrorsAsync(), StringComparison.Ordinal);
        Assert.False(outcome.IsCompleted);
        runtime.ShouldHaveBeenUsedRight();
    }

    [Fact]
    public async Task Without_a_next_event_the_process_ends()
    {
        var runtime = await FakeRuntime.BeginAsync();
        runtime.NextWith = 403;
        await using var process = await FunctionProcess.StartAsync("setup", Nothing, runtime);

        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains("answered 403", await process.ErrorsAsync(), StringComparison.Ordinal);
    }

    /// <summary>The interface that has gone answers nothing at all.</summary>
    [Fact]
    public async Task Without_an_interface_the_process_ends()
    {
        var runtime = await FakeRuntime.BeginAsync();
        await using var process = await FunctionProcess.StartAsync("statistics", Nothing, runtime);
        Assert.False((await process.InvokeAsync("{}")).IsDone);

        await runtime.DisposeAsync();

        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains("no next event", await process.ErrorsAsync(), StringComparison.Ordinal);
    }
}
