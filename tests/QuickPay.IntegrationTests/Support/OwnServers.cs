using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Servers of one test class, which may kill and misconfigure them.</summary>
public sealed class OwnServers : IAsyncLifetime
{
    private LocalServers? _servers;
    private int _databases;

    public LocalServers Servers => _servers ?? throw new InvalidOperationException("The servers have not started.");

    public async ValueTask InitializeAsync() => _servers = await TestServers.StartOwnAsync(TestContext.Current.CancellationToken);

    public async Task<TestDatabase> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await Servers.Postgres.CreateDatabaseAsync(name, PostgresServer.DefaultDatabase, TestContext.Current.CancellationToken);
        return new TestDatabase(Servers, name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }
    }
}
