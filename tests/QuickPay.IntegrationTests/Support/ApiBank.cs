using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using QuickPay.Api;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>
/// A whole API server, as its Program builds it, in this process on a port of its own, with a database of its own. Members join and
/// pay through HTTP alone:
/// <code>
/// await using var bank = await ApiBank.OpenAsync(servers);
/// var kim = await bank.JoinAsync(funds: 100_000);
/// var lee = await bank.JoinAsync();
/// (await kim.SendsAsync(30_000, to: lee)).ShouldBe(201);
/// </code>
/// </summary>
public sealed class ApiBank : IAsyncDisposable
{
    private static int s_phones;
    private readonly Server _server;

    private readonly bool _ownsDatabase;

    private ApiBank(TestDatabase database, bool ownsDatabase, Server server)
    {
        (Database, _ownsDatabase) = (database, ownsDatabase);
        _server = server;
        Owner = NpgsqlDataSource.Create(database.Migrator.ConnectionString);
        Http = NewClient();
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public TestDatabase Database { get; }

    /// <summary>As the role that owns the schema: for looking at everything.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>Without credentials, cookies and redirects.</summary>
    public HttpClient Http { get; }

    public Uri Url => _server.ClientOptions.BaseAddress;

    public static async Task<ApiBank> OpenAsync(TestServers servers, params (string Name, string Value)[] settings) =>
        Open(await servers.CreateDatabaseAsync(), ownsDatabase: true, settings);

    /// <summary>On a database that is there already; several banks on one are several API servers.</summary>
    public static ApiBank Open(TestDatabase database, params (string Name, string Value)[] settings) =>
        Open(database, ownsDatabase: false, settings);

    private static ApiBank Open(TestDatabase database, bool ownsDatabase, (string Name, string Value)[] settings)
    {
        var server = new Server(database.ApiSettings("http://127.0.0.1:0", ""), settings);
        server.UseKestrel(0);
        server.StartServer();
        return new ApiBank(database, ownsDatabase, server);
    }

    /// <summary>A phone number that nobody has yet.</summary>
    public static string NewPhone() => "+8210" + (40_000_000 + Interlocked.Increment(ref s_phones)).ToString(CultureInfo.InvariantCulture);

    public T Service<T>()
        where T : notnull => _server.Services.GetRequiredService<T>();

    public HttpClient NewClient() =>
        new(
            new SocketsHttpHandler
            {
                UseCookies = false,
                AllowAutoRedirect = false,
                UseProxy = false,
                // What must not stand in a header has to get as far as the server.
                RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            }
        )
        {
            BaseAddress = Url,
        };

    /// <summary>Signs up, logs in, and brings money from outside.</summary>
    /// <param name="funds">In won, at most what an unverified wallet may contain.</param>
    /// <param name="name">Shown to nobody else unmasked.</param>
    public async Task<ApiMember> JoinAsync(long funds = 0, string name = "김민수")
    {
        var member = await ApiMember.JoinAsync(this, name);
        if (funds > 0)
        {
            (await member.DepositsAsync(funds)).ShouldBe(201);
        }
        return member;
    }

    public async Task<ApiAnswer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Http.SendAsync(request, Cancellation);
            return await ApiAnswer.ReadAsync(request, response, Cancellation);
        }
    }

    public Task<ApiAnswer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <inheritdoc cref="TestDatabase.DoAsync" />
    public Task DoAsync(string sql) => Database.DoAsync(sql);

    public Task<T> AskAsync<T>(string sql) => Owner.AskAsync<T>(sql);

    /// <summary>The law that every test ends with: <see cref="Books.ShouldBalanceAsync"/>, and nothing failed in the server's own code.</summary>
    public async Task ShouldBalanceAsync()
    {
        // In full: what fails once in a hundred runs has to be told when it does.
        Assert.True(_server.Failures.Lines.IsEmpty, string.Join('\n', _server.Failures.Lines));
        await Books.ShouldBalanceAsync(Owner);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        await Owner.DisposeAsync();
        if (_ownsDatabase)
        {
            await Database.DisposeAsync();
        }
    }

    /// <summary>Program with its settings handed over instead of read from a file.</summary>
    private sealed class Server(HostSettingsFile settings, (string Name, string Value)[] more) : WebApplicationFactory<ApiOptions>
    {
        public Failures Failures { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            foreach (var (name, value) in Flatten("", JsonSerializer.SerializeToElement(settings)))
            {
                builder.UseSetting(name, value);
            }
            // Nothing stands in front of these servers that would have to notice; and on a busy machine everything is slow.
            foreach (var (name, value) in more.Prepend(("Api:DrainNoticeMs", "0")).Prepend(("Cache:SlowMs", "5000")))
            {
                builder.UseSetting(name, value);
            }
            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Failures));
        }

        private static IEnumerable<(string Name, string Value)> Flatten(string path, JsonElement element) =>
            element.ValueKind switch
            {
                JsonValueKind.Object => element
                    .EnumerateObject()
                    .SelectMany(field => Flatten(path.Length == 0 ? field.Name : $"{path}:{field.Name}", field.Value)),
                JsonValueKind.Null => [],
                _ => [(path, element.ToString())],
            };
    }

    /// <summary>Keeps what a server must never have to say: that something failed in our own code.</summary>
    private sealed class Failures : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            // A test may have added a log that wants to hear more.
            if (IsEnabled(logLevel))
            {
                Lines.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose() { }
    }
}
