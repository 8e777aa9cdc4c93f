using Microsoft.Extensions.Logging;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Warnings and worse of the code under test go to the output of the test that caused them.</summary>
public sealed class TestLog<T>(ITestOutputHelper? output) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && output is not null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        try
        {
            output?.WriteLine($"{logLevel} {formatter(state, exception)} {exception}");
        }
        catch (InvalidOperationException)
        {
            // The test is over; a server that is still stopping has nobody left to tell.
        }
    }
}
