using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace QuickPay.Tests.Support;

/// <summary>A line that was logged: its message, and the exception's words after it.</summary>
internal sealed record LogLine(int Id, LogLevel Level, string Text);

/// <summary>Keeps what is logged, down to the last level, for tests whose subject is the log.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>All of it so far, but for what was taken.</summary>
    public IReadOnlyCollection<LogLine> Lines => _lines;

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

    /// <summary>For one class; a host is given all of it as a provider.</summary>
    public ILogger<T> Of<T>() =>
        LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(this)).CreateLogger<T>();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _lines.Enqueue(new LogLine(eventId.Id, logLevel, $"{formatter(state, exception)} {exception}"));

    public void Dispose() { }
}
