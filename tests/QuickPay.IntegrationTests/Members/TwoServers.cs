using Microsoft.Extensions.Time.Testing;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Members;

/// <summary>Two API servers on one database and one Redis, for all tests of a class; each test brings its own members.</summary>
public sealed class TwoServers(TestServers servers) : IAsyncLifetime
{
    internal TestDatabase Database { get; private set; } = null!;

    internal MemberApp Seoul { get; private set; } = null!;

    internal MemberApp Busan { get; private set; } = null!;

    /// <summary>The clock of both.</summary>
    internal FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public async ValueTask InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        Seoul = await MemberApp.StartAsync(Database.ApiSettings("", ""), Time);
        Busan = await MemberApp.StartAsync(Database.ApiSettings("", ""), Time);
    }

    public async ValueTask DisposeAsync()
    {
        await Seoul.DisposeAsync();
        await Busan.DisposeAsync();
        await Database.DisposeAsync();
    }
}
