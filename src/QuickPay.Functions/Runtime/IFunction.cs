namespace QuickPay.Functions.Runtime;

/// <summary>What is done with an event.</summary>
internal interface IFunction
{
    /// <param name="invocation">The event.</param>
    /// <param name="cancellationToken">Fires before the time is up, with some left to say so.</param>
    /// <exception cref="Exception">It failed: Lambda is told, and starts it again where it does so.</exception>
    Task RunAsync(Invocation invocation, CancellationToken cancellationToken);
}

/// <summary>An event and what came with it.</summary>
/// <param name="Id">Its answer goes under this id.</param>
/// <param name="Deadline">Then the process is ended, whatever it does.</param>
/// <param name="TraceId">Of X-Ray; null without.</param>
/// <param name="Body">JSON, if all is well.</param>
internal sealed record Invocation(string Id, DateTimeOffset Deadline, string? TraceId, ReadOnlyMemory<byte> Body);

/// <summary>A failure as Lambda is told of it.</summary>
internal sealed record FunctionError(string Type, string Message);
