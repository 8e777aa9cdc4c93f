using QuickPay.IntegrationTests.Support;
using QuickPay.Money;

namespace QuickPay.IntegrationTests.Api;

/// <summary>A member with 50,000 payments, and another one who got them.</summary>
public sealed class LongHistory(TestServers servers) : IAsyncLifetime
{
    public const int Payments = 50_000;
    private const int AtATime = 2_000;

    public ApiBank Bank { get; private set; } = null!;

    public ApiMember Kim { get; private set; } = null!;

    public ApiMember Lee { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Bank = await ApiBank.OpenAsync(servers);
        (Kim, Lee) = (await Bank.JoinAsync(funds: 400_000), await Bank.JoinAsync());
        await PayAsync(Payments);
    }

    /// <summary>Payments of one won, straight to the engine.</summary>
    public async Task PayAsync(int count)
    {
        await using var ledger = await LedgerBank.OpenAsync(Bank.Database.Api, Bank.Database.Migrator);
        var wallet = new Wallet(ledger, Kim.AccountId, Kim.Id, Currency.KRW);
        foreach (var some in Enumerable.Range(1, count).Chunk(AtATime))
        {
            var outcomes = await Task.WhenAll(
                some.Select(i =>
                    ledger.Engine.PostAsync(
                        wallet.Send(1, Lee.AccountId, memo: $"{i}번째 송금, 메모는 길어도 된다: {new string('가', 60)}")
                    )
                )
            );
            Assert.All(outcomes, outcome => Assert.Equal(QuickPay.Ledger.PostingStatus.Posted, outcome.Status));
        }
    }

    public ValueTask DisposeAsync() => Bank.DisposeAsync();
}
