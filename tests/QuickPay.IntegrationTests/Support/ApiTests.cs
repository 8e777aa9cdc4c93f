namespace QuickPay.IntegrationTests.Support;

/// <summary>Tests over HTTP. Each ends with books that balance.</summary>
public abstract class ApiTests(ApiBankFixture fixture) : IClassFixture<ApiBankFixture>, IAsyncLifetime
{
    protected ApiBank Bank => fixture.Bank;

    protected TestServers Servers => fixture.Servers;

    protected static CancellationToken Cancellation => ApiBank.Cancellation;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc cref="ApiBankFixture.CoupleAsync" />
    protected Task<(ApiMember Kim, ApiMember Lee)> CoupleAsync() => fixture.CoupleAsync();

    /// <summary>Runs what must not move anything.</summary>
    protected static async Task MovesNothingAsync(ApiMember kim, ApiMember lee, Func<Task> attempt)
    {
        var before = (await kim.BalanceAsync(), await lee.BalanceAsync());
        await attempt();
        Assert.Equal(before, (await kim.BalanceAsync(), await lee.BalanceAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        await Bank.ShouldBalanceAsync();
        GC.SuppressFinalize(this);
    }
}
