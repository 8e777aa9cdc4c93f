namespace QuickPay.IntegrationTests.Support;

/// <summary>One bank for all tests of a class.</summary>
public sealed class ApiBankFixture(TestServers servers) : IAsyncLifetime
{
    private readonly SemaphoreSlim _joining = new(1);
    private (ApiMember Kim, ApiMember Lee)? _couple;

    public ApiBank Bank { get; private set; } = null!;

    public TestServers Servers => servers;

    public async ValueTask InitializeAsync() => Bank = await ApiBank.OpenAsync(servers);

    /// <summary>Two members for the tests in which nothing moves; the first has 400,000 won.</summary>
    public async Task<(ApiMember Kim, ApiMember Lee)> CoupleAsync()
    {
        await _joining.WaitAsync(ApiBank.Cancellation);
        try
        {
            return _couple ??= (await Bank.JoinAsync(funds: 400_000), await Bank.JoinAsync(name: "이서연"));
        }
        finally
        {
            _joining.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _joining.Dispose();
        await Bank.DisposeAsync();
    }
}
