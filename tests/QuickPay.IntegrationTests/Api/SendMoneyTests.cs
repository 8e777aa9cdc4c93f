using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Sending money: what the sender and the recipient see.</summary>
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
        Assert.Equal(("posted", "transfer"), (sent.Word("status"), sent.Word("kind")));
        Assert.Equal((kim.AccountId, lee.AccountId), (sent["fromAccountId"].GetGuid(), sent["toAccountId"].GetGuid()));
        Assert.Equal((30_000, "KRW", "점심"), (sent.Number("amount"), sent.Word("currency"), sent.Word("memo")));
        Assert.Equal("""{"balance":70000,"available":70000,"held":0,"version":2}""", sent["balanceAfter"].GetRawText());
        Assert.Equal(7, sent.Id.Version);
        Assert.EndsWith("Z", sent.Word("createdAt"), StringComparison.Ordinal);
        Assert.Equal(new ApiBalance(70_000, 70_000, 0, 2), await kim.BalanceAsync());
        Assert.Equal(new ApiBalance(30_000, 30_000, 0, 1), await lee.BalanceAsync());
    }

    [Fact]
    public async Task Sender_and_recipient_look_it_up_and_each_sees_their_own_balance()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 100_000), await Bank.JoinAsync(funds: 5_000));
        var sent = await kim.SendsAsync(30_000, to: lee);

        Assert.Equal(sent.Text, (await kim.LooksUpAsync(sent.Id)).ShouldBe(200).Text);
        var received = (await lee.LooksUpAsync(sent.Id)).ShouldBe(200);
        Assert.Equal("""{"balance":35000,"available":35000,"held":0,"version":2}""", received["balanceAfter"].GetRawText());
        Assert.DoesNotContain("70000", received.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(kim.Phone, received.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_is_named_by_phone_number_account_number_or_account_id()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 100_000), await Bank.JoinAsync());
        var national = "0" + lee.Phone["+82".Length..];
        object[] names =
        [
            new { phone = lee.Phone },
            new { phone = national },
            new { phone = $"{national[..3]}-{national[3..7]}-{national[7..]}" },
            new { accountNumber = lee.AccountNumber },
            new { accountNumber = $"{lee.AccountNumber[..4]}-{lee.AccountNumber[4..8]} {lee.AccountNumber[8..]}" },
            new { accountId = lee.AccountId },
            new { accountId = lee.AccountId.ToString().ToUpperInvariant() },
        ];
        foreach (var to in names)
        {
            var sent = await kim.PostAsync(
                "/v1/transfers",
                new
                {
                    fromAccountId = kim.AccountId,
                    to,
                    amount = 1_000,
                    currency = "KRW",
                },
                ApiMember.NewKey()
            );
            Assert.Equal(lee.AccountId, sent.ShouldBe(201)["toAccountId"].GetGuid());
        }
        Assert.Equal(1_000 * names.Length, (await lee.BalanceAsync()).Balance);
    }

    [Theory]
    [InlineData("")]
    [InlineData("점심값 고마워")]
    [InlineData("각각", "각각")]
    [InlineData("👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽")]
    [InlineData("שלום مرحبا \"quotes\" \\ / <b>&amp;</b>")]
    [InlineData("'; DROP TABLE transfers; --")]
    public async Task A_memo_comes_back_as_it_was_written(string memo, string? second = null)
    {
        var (kim, lee) = await CoupleAsync();
        var sent = (await kim.SendsAsync(1, to: lee, memo: memo + second)).ShouldBe(201);
        Assert.Equal(memo + second, sent.Word("memo"));
        Assert.Equal(memo + second, (await lee.LooksUpAsync(sent.Id)).Word("memo"));
        Assert.Equal(memo + second, (await lee.ReadsHistoryAsync("?limit=1"))["items"][0].GetProperty("memo").GetString());
    }

    [Theory]
    [InlineData("가")]
    [InlineData("x")]
    [InlineData("😀")]
    public async Task A_memo_has_200_characters_and_no_more(string character)
    {
        var (kim, lee) = await CoupleAsync();
        var longest = string.Concat(Enumerable.Repeat(character, 200));
        Assert.Equal(longest, (await kim.SendsAsync(1, to: lee, memo: longest)).ShouldBe(201).Word("memo"));
        (await kim.SendsAsync(1, to: lee, memo: longest + character)).ShouldBeProblem(400, "invalid_request", "memo");
    }

    [Fact]
    public async Task A_member_has_one_wallet_and_puts_money_into_it()
    {
        var kim = await Bank.JoinAsync();
        var accounts = (await kim.GetAsync("/v1/accounts")).ShouldBe(200);
        Assert.Equal(
            $$"""{"items":[{"id":"{{kim.AccountId}}","number":"{{kim.AccountNumber}}","currency":"KRW","status":"active"}]}""",
            accounts.Text
        );

        var deposit = (await kim.DepositsAsync(500_000)).ShouldBe(201);

        Assert.Equal(("posted", "deposit"), (deposit.Word("status"), deposit.Word("kind")));
        Assert.Equal(kim.AccountId, deposit["toAccountId"].GetGuid());
        var balance = (await kim.GetAsync($"/v1/accounts/{kim.AccountId}/balance")).ShouldBe(200);
        Assert.Equal(
            ["balance", "available", "held", "currency", "version", "asOf"],
            balance.Json.EnumerateObject().Select(field => field.Name)
        );
        Assert.Equal((500_000, "KRW"), (balance.Number("balance"), balance.Word("currency")));
        Assert.Equal(deposit.Text, (await kim.LooksUpAsync(deposit.Id)).ShouldBe(200).Text);
    }

    [Fact]
    public async Task Where_deposits_are_not_for_members_there_is_no_such_call()
    {
        await using var production = ApiBank.Open(Bank.Database, ("Api:DevelopmentDeposits", "false"));
        var (kim, _) = await CoupleAsync();
        (await kim.Through(production).DepositsAsync(1_000)).ShouldBeProblem(404, "not_found");
    }
}
