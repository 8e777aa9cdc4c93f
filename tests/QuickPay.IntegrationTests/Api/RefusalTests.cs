using QuickPay.Accounts;
using QuickPay.IntegrationTests.Support;
using QuickPay.Money;

namespace QuickPay.IntegrationTests.Api;

/// <summary>What the ledger refuses: each with its own code, and nothing moved.</summary>
public sealed class RefusalTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const string Ghost = "0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11";

    [Fact]
    public async Task More_than_the_balance_is_refused()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 1_000), await Bank.JoinAsync());
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                (await kim.SendsAsync(1_001, to: lee)).ShouldBeProblem(422, "insufficient_funds");
                (await lee.SendsAsync(1, to: kim)).ShouldBeProblem(422, "insufficient_funds");
            }
        );
        (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
    }

    [Fact]
    public async Task A_recipient_that_is_not_there_is_refused_and_the_house_is_nobodys_recipient()
    {
        var (kim, lee) = await CoupleAsync();
        object[] nobody =
        [
            new { accountId = Ghost },
            new { accountId = Guid.Empty },
            new { accountId = HouseAccounts.Of(HousePurpose.CashIn, Currency.KRW, 3) },
            new { accountNumber = await Bank.AskAsync<string>("SELECT number FROM accounts WHERE kind = 2 LIMIT 1") },
            new { accountNumber = "999999999999" },
            new { accountNumber = lee.AccountNumber[..^1] + (lee.AccountNumber[^1] == '0' ? '1' : '0') },
            new { accountNumber = "' OR 1=1 --" },
            new { phone = ApiBank.NewPhone() },
            new { phone = "12" },
            new { phone = "\0" },
        ];
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                foreach (var to in nobody)
                {
                    (await SendAsync(kim, to)).ShouldBeProblem(422, "recipient_not_found");
                    (await SendAsync(kim, to, hold: true)).ShouldBeProblem(422, "recipient_not_found");
                }
            }
        );
    }

    [Fact]
    public async Task Nobody_pays_themselves_by_any_name()
    {
        var (kim, lee) = await CoupleAsync();
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                (await SendAsync(kim, new { accountId = kim.AccountId })).ShouldBeProblem(422, "same_account");
                (await SendAsync(kim, new { accountNumber = kim.AccountNumber })).ShouldBeProblem(422, "same_account");
                (await SendAsync(kim, new { phone = kim.Phone })).ShouldBeProblem(422, "same_account");
                (await SendAsync(kim, new { phone = kim.Phone }, hold: true)).ShouldBeProblem(422, "same_account");
            }
        );
    }

    [Fact]
    public async Task Another_currency_than_the_accounts_own_is_refused()
    {
        var (kim, lee) = await CoupleAsync();
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                (await SendAsync(kim, new { accountId = lee.AccountId }, currency: "USD")).ShouldBeProblem(422, "currency_mismatch");
                (
                    await kim.PostAsync($"/v1/accounts/{kim.AccountId}/deposits", new { amount = 1, currency = "USD" }, ApiMember.NewKey())
                ).ShouldBeProblem(422, "currency_mismatch");
            }
        );
    }

    [Theory]
    [InlineData(2, "frozen")]
    [InlineData(3, "closed")]
    public async Task A_frozen_or_closed_account_neither_sends_nor_receives(int status, string word)
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync(funds: 10_000));
        var held = await lee.HoldsAsync(1_000, to: kim);
        await Bank.DoAsync($"UPDATE balances SET status = {status} WHERE account_id = '{lee.AccountId}'");
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                (await kim.SendsAsync(1, to: lee)).ShouldBeProblem(422, "account_closed");
                (await lee.SendsAsync(1, to: kim)).ShouldBeProblem(422, "account_closed");
                (await lee.HoldsAsync(1, to: kim)).ShouldBeProblem(422, "account_closed");
                (await lee.DepositsAsync(1)).ShouldBeProblem(422, "account_closed");
                (await kim.CapturesAsync(held.Id)).ShouldBeProblem(422, "account_closed");
            }
        );
        Assert.Equal(word, (await lee.GetAsync("/v1/accounts"))["items"][0].GetProperty("status").GetString());
        // What is held returns all the same.
        (await kim.CancelsAsync(held.Id)).ShouldBe(200);
        Assert.Equal(new ApiBalance(10_000, 10_000, 0, 3), await lee.BalanceAsync());
    }

    [Fact]
    public async Task Over_the_limit_of_one_transfer_tells_which_limit_and_what_is_left()
    {
        var (kim, lee) = await CoupleAsync();
        foreach (var amount in new[] { 500_001, long.MaxValue })
        {
            var refused = (await kim.SendsAsync(amount, to: lee, pin: ApiMember.Pin)).ShouldBeProblem(422, "limit_exceeded");
            Assert.Equal(("perTransfer", 500_000), (refused.Word("limit"), refused.Number("remaining")));
        }
    }

    [Fact]
    public async Task Over_the_limit_of_a_day_tells_what_is_left_of_the_day_and_a_cancelled_hold_gives_it_back()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 500_000), await Bank.JoinAsync());
        await Bank.DoAsync($"UPDATE balances SET tier = 2 WHERE account_id = '{lee.AccountId}'");
        (await kim.SendsAsync(500_000, to: lee, pin: ApiMember.Pin)).ShouldBe(201);
        (await kim.DepositsAsync(500_000)).ShouldBe(201);
        var held = (await kim.HoldsAsync(300_000, to: lee)).ShouldBe(201);

        var refused = (await kim.SendsAsync(200_001, to: lee)).ShouldBeProblem(422, "limit_exceeded");
        Assert.Equal(("perDay", 200_000), (refused.Word("limit"), refused.Number("remaining")));
        (await kim.SendsAsync(200_000, to: lee)).ShouldBe(201);
        Assert.Equal(0, (await kim.SendsAsync(1, to: lee)).ShouldBeProblem(422, "limit_exceeded").Number("remaining"));

        (await kim.CancelsAsync(held.Id)).ShouldBe(200);
        (await kim.SendsAsync(300_000, to: lee)).ShouldBe(201);
    }

    [Fact]
    public async Task Over_the_wallets_cap_the_owner_learns_what_fits_and_a_sender_does_not()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 100_000), await Bank.JoinAsync(funds: 450_000));
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                var own = (await lee.DepositsAsync(50_001)).ShouldBeProblem(422, "limit_exceeded");
                Assert.Equal(("walletCap", 50_000), (own.Word("limit"), own.Number("remaining")));
                (await lee.DepositsAsync(1_000_000_000_000_000)).ShouldBeProblem(422, "limit_exceeded");

                var others = (await kim.SendsAsync(50_001, to: lee)).ShouldBeProblem(422, "recipient_limit_exceeded");
                Assert.DoesNotContain("50000", others.Text, StringComparison.Ordinal);
                Assert.False(others.Json.TryGetProperty("remaining", out _));
            }
        );
        (await kim.SendsAsync(50_000, to: lee)).ShouldBe(201);
    }

    [Fact]
    public async Task Many_at_once_never_spend_more_than_there_is()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => kim.SendsAsync(600, to: lee)));
        Assert.Equal(16, answers.Count(answer => answer.Status == 201));
        Assert.Equal(24, answers.Count(answer => answer.Code == "insufficient_funds"));
        Assert.Equal((400, 9_600), ((await kim.BalanceAsync()).Balance, (await lee.BalanceAsync()).Balance));
    }

    private static Task<ApiAnswer> SendAsync(ApiMember from, object to, string currency = "KRW", bool hold = false) =>
        from.PostAsync(
            "/v1/transfers",
            new
            {
                fromAccountId = from.AccountId,
                to,
                amount = 1_000,
                currency,
                hold,
            },
            ApiMember.NewKey()
        );
}
