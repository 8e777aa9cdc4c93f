using System.Globalization;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Sending money: what the sender, the recipient and their histories see.</summary>
public sealed class SendMoneyTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    [Fact]
    public async Task Money_goes_from_one_member_to_another()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 100_000), await Bank.JoinAsync());

        var sent = (await kim.SendsAsync(30_000, to: lee, memo: "점심")).ShouldBe(201);

        Assert.Equal(
            ["id", "status", "kind", "fromAccountId", "toAccountId", "amount", "currency", "memo", "createdAt", "balanceAfter"],
            sent.Json.EnumerateObject().Select(field => field.Name)
        );
        Assert.Equal("posted", sent.Word("status"));
        Assert.Equal("transfer", sent.Word("kind"));
        Assert.Equal((kim.AccountId, lee.AccountId), (sent["fromAccountId"].GetGuid(), sent["toAccountId"].GetGuid()));
        Assert.Equal((30_000, "KRW", "점심"), (sent.Number("amount"), sent.Word("currency"), sent.Word("memo")));
        Assert.Equal("""{"balance":70000,"available":70000,"held":0,"version":2}""", sent["balanceAfter"].GetRawText());
        Assert.Equal(7, sent.Id.Version);
        Assert.EndsWith("Z", sent.Word("createdAt"), StringComparison.Ordinal);
        Assert.Equal(new ApiBalance(70_000, 70_000, 0, 2), await kim.BalanceAsync());
        Assert.Equal(new ApiBalance(30_000, 30_000, 0, 1), await lee.BalanceAsync());
    }
}
