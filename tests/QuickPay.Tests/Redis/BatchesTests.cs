using QuickPay.Redis;

namespace QuickPay.Tests.Redis;

public sealed class BatchesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource _fails = new();
    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Batches<int> _batches;

    public BatchesTests() => _batches = new Batches<int>(10, RunAsync);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_waits_while_a_batch_fails_is_run_without_anybody_else_coming()
    {
        _batches.Add(1);
        await _began.Task.WaitAsync(Patience, Cancellation);
        _batches.Add(2);
        _fails.SetResult();

        Assert.Equal(2, await _ran.Task.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Who_comes_after_a_batch_that_failed_is_run()
    {
        _fails.SetResult();
        _batches.Add(1);
        await _began.Task.WaitAsync(Patience, Cancellation);
        _batches.Add(2);

        Assert.Equal(2, await _ran.Task.WaitAsync(Patience, Cancellation));
    }

    /// <summary>The first one fails, when the test says so.</summary>
    private async Task RunAsync(IReadOnlyList<int> batch)
    {
        var first = batch[0];
        if (first == 1)
        {
            _began.SetResult();
            await _fails.Task;
            throw new InvalidOperationException("A bug of the command.");
        }
        _ran.SetResult(first);
    }
}
