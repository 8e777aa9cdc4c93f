using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace QuickPay.IntegrationTests.Edge;

/// <summary>What stands on each log line beside its message.</summary>
public sealed class LogScopeTests
{
    [Fact]
    public async Task A_line_has_the_trace_s_id_and_nothing_of_the_request()
    {
        const string Account = "0199a1b2-0000-7000-8000-000000000001";
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        var scopes = new Scopes();
        edge.Services.GetRequiredService<ILoggerFactory>().AddProvider(scopes);
        using var member = edge.Client();

        using var blocked = await member.GetAsync(
            $"/v1/accounts/{Account}/transactions?cursor=%3Cscript%3E",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(HttpStatusCode.Forbidden, blocked.StatusCode);
        var line = Assert.Single(scopes.Lines, line => line.Event == 4201);
        var id = Assert.Single(blocked.Headers.GetValues("X-Request-Id"));
        Assert.Equal($"TraceId:{id}", line.Scopes);
        Assert.All(scopes.Lines, text => Assert.DoesNotContain(Account, text.Scopes));
    }

    /// <summary>Keeps the scopes of lines, as the console is given them.</summary>
    private sealed class Scopes : ILoggerProvider, ILogger, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<(int Event, string Scopes)> Lines { get; } = [];

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => _scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            List<string> all = [];
            _scopes.ForEachScope((scope, texts) => texts.Add($"{scope}"), all);
            Lines.Enqueue((eventId.Id, string.Join(' ', all)));
        }

        public void Dispose() { }
    }
}
