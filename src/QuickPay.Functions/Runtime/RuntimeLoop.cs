namespace QuickPay.Functions.Runtime;

/// <summary>One event after the other, each answered before the next is asked for.</summary>
internal sealed class RuntimeLoop(RuntimeApi runtime, JsonLog log, TimeProvider time)
{
    /// <summary>What is left to say that there was not enough time.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(6);

    /// <returns>The process's exit code; it only ever ends by itself when something is wrong with it.</returns>
    /// <exception cref="RuntimeApiException">An answer could not be delivered.</exception>
    public async Task<int> RunAsync(IFunction function)
    {
        while (true)
        {
            var invocation = await runtime.NextAsync();
            log.RequestId = invocation.Id;
            // Where Amazon's tools look for it.
            Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", invocation.TraceId);
            var left = invocation.Deadline - Margin - time.GetUtcNow();
            using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
            var error = await RunAsync(function, invocation, limit.Token);
            await (error is null ? runtime.RespondAsync(invocation.Id) : runtime.FailAsync(invocation.Id, error));
            if (limit.IsCancellationRequested)
            {
                // Lambda would freeze whatever is still under way, a migration with its locks too. Its connections end with the process.
                await Console.Error.WriteLineAsync(
                    $"The time for {invocation.Id} was up: the process ends, and all that it was still doing."
                );
                return 1;
            }
        }
    }

    private async Task<FunctionError?> RunAsync(IFunction function, Invocation invocation, CancellationToken cancellationToken)
    {
        try
        {
            await function.RunAsync(invocation, cancellationToken);
            return null;
        }
        catch (Exception e)
        {
            log.Error("The event failed", e);
            return new FunctionError($"Function.{e.GetType().Name}", Reason.Of(e));
        }
    }
}
