using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Api;

/// <summary>The consistency token: on every answer that changed or showed money, in a header and in a cookie, and never going back.</summary>
public sealed class ConsistencyTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    [Fact]
    public async Task Every_answer_that_changed_or_showed_money_carries_it()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        var sent = await kim.SendsAsync(1_000, to: lee);
        var (held, second) = (await kim.HoldsAsync(1_000, to: lee), await kim.HoldsAsync(1_000, to: lee));
        ApiAnswer[] answers =
        [
            await kim.DepositsAsync(1_000),
            sent,
            held,
            await kim.CapturesAsync(held.Id),
            await kim.CancelsAsync(second.Id),
            await kim.LooksUpAsync(sent.Id),
            await kim.ReadsHistoryAsync(),
            await kim.GetAsync($"/v1/accounts/{kim.AccountId}/balance"),
        ];
        foreach (var answer in answers)
        {
            Assert.True(answer.Status is 200 or 201, answer.Text);
            var token = TokenOf(answer);
            Assert.True(token is { Timeline: > 0, Lsn: > 0, Version: > 0 }, token.ToString());
            Assert.Equal(kim.AccountId, token.Account);
            var cookie = Assert.Single(answer.Headers("Set-Cookie"));
            Assert.StartsWith($"QuickPay-Consistency={answer.Consistency};", cookie, StringComparison.Ordinal);
            Assert.EndsWith("; Secure; HttpOnly; SameSite=Strict", cookie, StringComparison.Ordinal);
        }
        Assert.Null((await kim.GetAsync("/v1/accounts")).Consistency);
        Assert.Null((await kim.LooksUpAsync(Guid.Empty)).Consistency);
    }

    [Fact]
    public async Task It_says_how_far_the_account_is_and_lies_past_the_payments_commit()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        var before = TokenOf(await kim.GetAsync($"/v1/accounts/{kim.AccountId}/balance"));
        var sent = TokenOf(await kim.SendsAsync(1_000, to: lee));
        var received = TokenOf(await lee.GetAsync($"/v1/accounts/{lee.AccountId}/balance"));
        Assert.Equal((1, 2, 1), (before.Version, sent.Version, received.Version));
        Assert.True(before.Lsn < sent.Lsn && sent.Lsn <= received.Lsn);
    }

    /// <summary>As from a primary that has been replaced: the client knows more than the server can show.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    public async Task Who_has_seen_more_than_there_is_asks_again(int timelines, int versions)
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        var newest = TokenOf(await kim.SendsAsync(1_000, to: lee));
        var beyond = newest with { Timeline = newest.Timeline + (uint)timelines, Version = newest.Version + versions };
        string[] reads = [$"/v1/accounts/{kim.AccountId}/balance", $"/v1/accounts/{kim.AccountId}/transactions"];

        foreach (var read in reads)
        {
            (await AskAsync(kim, read, newest)).ShouldBe(200);
            (await AskAsync(kim, read, beyond)).ShouldBeProblem(503, "unavailable_retry");
            // Of another account's version it says nothing; which primary is the one, it says for all.
            var ofLee = await AskAsync(kim, read, beyond with { Account = lee.AccountId });
            if (timelines > 0)
            {
                ofLee.ShouldBeProblem(503, "unavailable_retry");
            }
            else
            {
                ofLee.ShouldBe(200);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Looking_at_an_old_transfer_does_not_take_it_back(bool asHeader)
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        var old = await kim.SendsAsync(1_000, to: lee, key: "old");
        var newest = await kim.SendsAsync(1_000, to: lee);

        var lookedUp = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/v1/transfers/{old.Id}"), newest.Consistency!);
        Assert.Equal(TokenOf(newest).Version, TokenOf(lookedUp).Version);
        Assert.True(TokenOf(lookedUp).Lsn >= TokenOf(newest).Lsn);

        var replay = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers")
        {
            Content = System.Net.Http.Json.JsonContent.Create(kim.Transfer(1_000, lee)),
        };
        replay.Headers.Add("Idempotency-Key", "old");
        var replayed = await SendAsync(replay, newest.Consistency!);
        Assert.True(replayed.ShouldBe(201).Replayed);
        Assert.Equal(TokenOf(newest).Version, TokenOf(replayed).Version);

        foreach (var forged in new[] { "garbage", newest.Consistency![..^1], new string('A', 50) })
        {
            var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/v1/transfers/{old.Id}"), forged);
            Assert.Equal(TokenOf(old).Version, TokenOf(answer.ShouldBe(200)).Version);
        }

        Task<ApiAnswer> SendAsync(HttpRequestMessage request, string token)
        {
            request.Headers.Add(asHeader ? "QuickPay-Consistency" : "Cookie", asHeader ? token : $"other=1; QuickPay-Consistency={token}");
            return kim.SendAsync(request);
        }
    }

    private static Task<ApiAnswer> AskAsync(ApiMember member, string path, ConsistencyToken token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("QuickPay-Consistency", token.ToString());
        return member.SendAsync(request);
    }

    private static ConsistencyToken TokenOf(ApiAnswer answer)
    {
        Assert.True(ConsistencyToken.TryParse(answer.Consistency, out var token), $"{answer.Consistency} on {answer.Text}");
        return token;
    }
}
