namespace QuickPay.IntegrationTests.Support;

/// <summary>One bank for all tests of a class; each lets members of its own join.</summary>
public sealed class ApiBankFixture(TestServers servers) : IAsyncLifetime
{
    public ApiBank Bank { get; private set; } = null!;

    public TestServers Servers => servers;

    public async ValueTask InitializeAsync() => Bank = await ApiBank.OpenAsync(servers);

    public ValueTask DisposeAsync() => Bank.DisposeAsync();
}

/// <summary>Tests over HTTP. Each ends with books that balance.</summary>
public abstract class ApiTests(ApiBankFixture fixture) : IClassFixture<ApiBankFixture>, IAsyncLifetime
{
    protected ApiBank Bank => fixture.Bank;

    protected TestServers Servers => fixture.Servers;

    protected static CancellationToken Cancellation => ApiBank.Cancellation;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Bank.ShouldBalanceAsync();
        GC.SuppressFinalize(this);
    }
}
