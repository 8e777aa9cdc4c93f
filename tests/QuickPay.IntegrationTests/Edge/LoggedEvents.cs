using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace QuickPay.IntegrationTests.Edge;

/// <summary>A line that was logged.</summary>
internal sealed record LogLine(int Id, LogLevel Level, string Text);

/// <summary>Keeps what is logged, for tests whose subject is the log.</summary>
internal sealed class LoggedEvents : ILogger
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>What came since the last time.</summary>
    public List<LogLine> Take()
    {
        List<LogLine> lines = [];
        while (_lines.TryDequeue(out var line))
        {
            lines.Add(line);
        }
        return lines;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _lines.Enqueue(new LogLine(eventId.Id, logLevel, formatter(state, exception)));
}

/// <summary>The same for one class.</summary>
internal sealed class LogOf<T>(LoggedEvents lines) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => lines.Log(logLevel, eventId, state, exception, formatter);
}
