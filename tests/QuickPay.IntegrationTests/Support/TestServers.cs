using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

[assembly: AssemblyFixture(typeof(TestServers))]

namespace QuickPay.IntegrationTests.Support;

/// <summary>
/// One real PostgreSQL and one real Redis for the whole run, and a database of its own for each test class, copied from a template that was
/// migrated once. A missing server is a loud failure that names the package.
/// <code>
/// public sealed class Sends_money(TestServers servers) : IAsyncLifetime
/// {
///     private TestDatabase _database = null!;
///     public async ValueTask InitializeAsync() => _database = await servers.CreateDatabaseAsync();
///     public ValueTask DisposeAsync() => _database.DisposeAsync();
/// }
/// </code>
/// Tests that kill or freeze a server use one of their own: <see cref="StartOwnAsync"/>.
/// </summary>
public sealed class TestServers : IAsyncLifetime
{
    private const string Template = "quickpay_template";
    private LocalServers? _servers;
    private int _databases;

    /// <summary>The shared servers. Nobody stops these.</summary>
    public LocalServers Shared => _servers ?? throw new InvalidOperationException("The servers have not started.");

    public async ValueTask InitializeAsync()
    {
        _servers = await StartAsync(TestContext.Current.CancellationToken);
        await Shared.CreateMigratedDatabaseAsync(Template, TestContext.Current.CancellationToken);
    }

    /// <summary>A new, migrated, empty database; dropped when disposed.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await Shared.Postgres.CreateDatabaseAsync(name, Template, TestContext.Current.CancellationToken);
        return new TestDatabase(Shared, name);
    }

    /// <summary>Servers for one test alone, to be killed, stopped and frozen at will, with a migrated database `quickpay`. Takes about 3 s.</summary>
    public static async Task<LocalServers> StartOwnAsync(CancellationToken cancellationToken)
    {
        var servers = await StartAsync(cancellationToken);
        await servers.CreateMigratedDatabaseAsync(PostgresServer.DefaultDatabase, cancellationToken);
        return servers;
    }

    public async ValueTask DisposeAsync()
    {
        if (_servers is not null)
            await _servers.DisposeAsync();
    }

    private static Task<LocalServers> StartAsync(CancellationToken cancellationToken) =>
        LocalServers.StartAsync(
            new LocalServersOptions
            {
                Data = DataFolder.Temporary("tests"),
                DeleteAtEnd = true,
                SharedBuffers = "128MB",
            },
            cancellationToken
        );
}
