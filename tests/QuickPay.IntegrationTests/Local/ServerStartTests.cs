using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Local;

/// <summary>What becomes of a process that was launched and does not come up.</summary>
public sealed class ServerStartTests : IDisposable
{
    private readonly DataFolder _data = DataFolder.Temporary("start");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete();

    [Fact]
    public async Task One_that_does_not_answer_in_time_is_stopped_and_its_log_tells_why()
    {
        var process = await LaunchAsync("echo waiting for nothing; exec sleep 600");
        var start = Start(process) with { Patience = TimeSpan.FromMilliseconds(200) };

        var failure = await Assert.ThrowsAsync<StartFailedException>(() => start.WhenAsync(_ => Task.FromResult(false), Cancellation));

        Assert.Contains("trial did not answer within 0.2 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains("waiting for nothing", failure.Message, StringComparison.Ordinal);
        Assert.True(process.Exited.IsCompleted);
    }

    [Fact]
    public async Task One_that_cannot_be_asked_is_stopped_and_the_reason_is_told()
    {
        var process = await LaunchAsync("exec sleep 600");

        await Assert.ThrowsAsync<TaskCanceledException>(() =>
            Start(process).WhenAsync(_ => throw new TaskCanceledException("not ours"), Cancellation)
        );

        Assert.True(process.Exited.IsCompleted);
    }

    [Fact]
    public async Task One_that_ends_is_not_waited_for()
    {
        var process = await LaunchAsync("echo no such thing; exit 3");

        var failure = await Assert.ThrowsAsync<StartFailedException>(() =>
            Start(process).WhenAsync(_ => Task.FromResult(false), Cancellation)
        );

        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no such thing", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever cancels stops all servers in order, and this one among them.</summary>
    [Fact]
    public async Task A_start_that_is_cancelled_leaves_the_process_to_who_cancelled()
    {
        var process = await LaunchAsync("exec sleep 600");
        try
        {
            using var cancel = new CancellationTokenSource();
            var asked = new TaskCompletionSource();
            var waiting = Start(process).WhenAsync(_ => Task.FromResult(!asked.TrySetResult() && false), cancel.Token);
            await asked.Task;
            await cancel.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            Assert.False(process.Exited.IsCompleted);
        }
        finally
        {
            await process.StopAsync(Signal.Kill, TimeSpan.FromSeconds(5), TimeProvider.System);
        }
    }

    private ServerStart Start(ChildProcess process) => new("trial", process, LogFile, TimeProvider.System);

    private string LogFile => Path.Combine(_data.Root, "trial.log");

    private Task<ChildProcess> LaunchAsync(string script) =>
        ChildProcess.StartAsync(new ChildStart("/bin/sh", ["-c", script]) { LogFile = LogFile, WorkingFolder = "/" });
}
