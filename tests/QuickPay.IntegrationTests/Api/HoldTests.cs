using System.Globalization;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Pending transfers: held, then captured, cancelled or expired, and what both sides see of it.</summary>
public sealed class HoldTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private ApiMember _kim = null!;
    private ApiMember _lee = null!;

    public override async ValueTask InitializeAsync() => (_kim, _lee) = (await Bank.JoinAsync(funds: 100_000), await Bank.JoinAsync());

    [Fact]
    public async Task A_hold_keeps_money_back_and_gives_it_to_nobody()
    {
        var held = (await _kim.HoldsAsync(30_000, to: _lee)).ShouldBe(201);

        Assert.Equal(("pending", "transfer"), (held.Word("status"), held.Word("kind")));
        Assert.Equal("""{"balance":100000,"available":70000,"held":30000,"version":2}""", held["balanceAfter"].GetRawText());
        Assert.Equal(TimeSpan.FromDays(7), Round(held["expiresAt"].GetDateTime() - held["createdAt"].GetDateTime()));
        Assert.Equal(new ApiBalance(100_000, 70_000, 30_000, 2), await _kim.BalanceAsync());
        Assert.Equal(new ApiBalance(0, 0, 0, 0), await _lee.BalanceAsync());
        Assert.Equal(held.Text, (await _kim.LooksUpAsync(held.Id)).ShouldBe(200).Text);

        var seenByLee = (await _lee.LooksUpAsync(held.Id)).ShouldBe(200);
        Assert.Equal("pending", seenByLee.Word("status"));
        Assert.False(seenByLee.Json.TryGetProperty("balanceAfter", out _), "It did not touch the recipient's account.");
        Assert.Empty((await _lee.ReadsHistoryAsync())["items"].EnumerateArray());
    }

    [Fact]
    public async Task Money_that_is_held_cannot_be_spent_twice()
    {
        (await _kim.HoldsAsync(70_000, to: _lee)).ShouldBe(201);
        (await _kim.SendsAsync(30_001, to: _lee)).ShouldBeProblem(422, "insufficient_funds");
        (await _kim.HoldsAsync(30_001, to: _lee)).ShouldBeProblem(422, "insufficient_funds");
        (await _kim.SendsAsync(30_000, to: _lee)).ShouldBe(201);
        Assert.Equal(new ApiBalance(70_000, 0, 70_000, 3), await _kim.BalanceAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_side_captures_all_of_it(bool bySender)
    {
        var held = await _kim.HoldsAsync(30_000, to: _lee);
        var captured = (await (bySender ? _kim : _lee).CapturesAsync(held.Id)).ShouldBe(200);

        Assert.Equal((held.Id, "posted", 30_000), (captured.Id, captured.Word("status"), captured.Number("amount")));
        Assert.Equal(bySender ? 70_000 : 30_000, captured["balanceAfter"].GetProperty("balance").GetInt64());
        Assert.Equal(new ApiBalance(70_000, 70_000, 0, 3), await _kim.BalanceAsync());
        Assert.Equal(new ApiBalance(30_000, 30_000, 0, 1), await _lee.BalanceAsync());
        await BothSeeAsync(held.Id, "posted", 30_000);
    }

    [Fact]
    public async Task A_part_is_captured_and_the_rest_returns()
    {
        var held = await _kim.HoldsAsync(30_000, to: _lee);
        (await _kim.CapturesAsync(held.Id, 30_001)).ShouldBeProblem(422, "transfer_not_pending");

        var captured = (await _kim.CapturesAsync(held.Id, 12_000)).ShouldBe(200);

        Assert.Equal(("posted", 12_000), (captured.Word("status"), captured.Number("amount")));
        Assert.Equal(new ApiBalance(88_000, 88_000, 0, 3), await _kim.BalanceAsync());
        Assert.Equal(new ApiBalance(12_000, 12_000, 0, 1), await _lee.BalanceAsync());
        await BothSeeAsync(held.Id, "posted", 12_000);
        (await _kim.CapturesAsync(held.Id, 1)).ShouldBeProblem(422, "transfer_not_pending");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_side_cancels_it_and_the_money_returns(bool bySender)
    {
        var held = await _kim.HoldsAsync(30_000, to: _lee);
        var cancelled = (await (bySender ? _kim : _lee).CancelsAsync(held.Id)).ShouldBe(200);

        Assert.Equal((held.Id, "cancelled", 30_000), (cancelled.Id, cancelled.Word("status"), cancelled.Number("amount")));
        Assert.Equal(bySender, cancelled.Json.TryGetProperty("balanceAfter", out _));
        Assert.Equal(new ApiBalance(100_000, 100_000, 0, 3), await _kim.BalanceAsync());
        Assert.Equal("cancelled", (await _lee.LooksUpAsync(held.Id)).Word("status"));
        var item = Assert.Single(await HistoryAsync(_kim, "?status=cancelled"));
        Assert.Equal((held.Id, "cancelled"), item);
        Assert.Empty(await HistoryAsync(_lee, ""));
        (await _kim.CapturesAsync(held.Id)).ShouldBeProblem(422, "transfer_not_pending");
        (await _kim.CancelsAsync(held.Id)).ShouldBeProblem(422, "transfer_not_pending");
    }

    [Fact]
    public async Task When_its_time_runs_out_it_is_over_at_once_and_returns_by_itself()
    {
        var held = await _kim.HoldsAsync(30_000, to: _lee);
        await Bank.DoAsync($"UPDATE holds SET expires_at = now() WHERE transfer_id = '{held.Id}'");
        (await _kim.CapturesAsync(held.Id)).ShouldBeProblem(422, "transfer_not_pending");

        var expiry = new HoldExpiry(Bank.Service<Npgsql.NpgsqlDataSource>(), Bank.Service<PostingEngine>());
        Assert.Equal((1, 1), await expiry.ExpireDueAsync(Cancellation));

        Assert.Equal(new ApiBalance(100_000, 100_000, 0, 3), await _kim.BalanceAsync());
        Assert.Equal("expired", (await _kim.LooksUpAsync(held.Id)).Word("status"));
        Assert.Equal("expired", (await _lee.LooksUpAsync(held.Id)).Word("status"));
        Assert.Equal((held.Id, "expired"), Assert.Single(await HistoryAsync(_kim, "?status=expired")));
    }

    [Fact]
    public async Task A_hold_ends_when_its_sender_says()
    {
        var tomorrow = (TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(1)).ToOffset(TimeSpan.FromHours(9));
        var held = await _kim.HoldsAsync(
            1_000,
            to: _lee,
            expiresAt: tomorrow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture)
        );
        var expiresAt = held.ShouldBe(201).Word("expiresAt");
        Assert.EndsWith("Z", expiresAt, StringComparison.Ordinal);
        Assert.InRange((tomorrow - held["expiresAt"].GetDateTimeOffset()).Duration(), TimeSpan.Zero, TimeSpan.FromMicroseconds(1));
        Assert.Equal(expiresAt, (await _kim.LooksUpAsync(held.Id)).Word("expiresAt"));
    }

    [Fact]
    public async Task A_retry_after_the_holds_time_gets_the_first_answer()
    {
        var soon = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1);
        var key = ApiMember.NewKey();
        var expiresAt = soon.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var held = (await _kim.HoldsAsync(1_000, to: _lee, key, expiresAt)).ShouldBe(201);
        ApiAnswer again;
        DateTimeOffset asked;
        do
        {
            asked = TimeProvider.System.GetUtcNow();
            again = await _kim.HoldsAsync(1_000, to: _lee, key, expiresAt);
            Assert.True(again.ShouldBe(201).Replayed);
        } while (asked <= soon);
        await new HoldExpiry(Bank.Service<Npgsql.NpgsqlDataSource>(), Bank.Service<PostingEngine>()).ExpireDueAsync(Cancellation);
        Assert.Equal(held.Text, again.Text);

        key = ApiMember.NewKey();
        foreach (var replayed in new[] { false, true })
        {
            var refused = (await _kim.HoldsAsync(1_000, to: _lee, key, expiresAt)).ShouldBeProblem(400, "invalid_request", "expiresAt");
            Assert.Equal(replayed, refused.Replayed);
        }
    }

    [Fact]
    public async Task A_transfer_that_was_never_held_cannot_be_captured_or_cancelled()
    {
        var sent = await _kim.SendsAsync(1_000, to: _lee);
        var deposit = await _kim.DepositsAsync(1_000);
        foreach (var transfer in new[] { sent.Id, deposit.Id })
        {
            (await _kim.CapturesAsync(transfer)).ShouldBeProblem(422, "transfer_not_pending");
            var key = ApiMember.NewKey();
            (await _kim.CancelsAsync(transfer, key)).ShouldBeProblem(422, "transfer_not_pending");
            Assert.True((await _kim.CancelsAsync(transfer, key)).ShouldBeProblem(422, "transfer_not_pending").Replayed);
            (await _kim.CancelsAsync(transfer == sent.Id ? deposit.Id : sent.Id, key)).ShouldBeProblem(422, "idempotency_key_reused");
        }
    }

    [Fact]
    public async Task A_capture_that_the_recipients_wallet_cannot_take_leaves_the_hold_open()
    {
        (await _lee.DepositsAsync(490_000)).ShouldBe(201);
        var held = await _kim.HoldsAsync(20_000, to: _lee);
        (await _kim.CapturesAsync(held.Id)).ShouldBeProblem(422, "recipient_limit_exceeded");
        (await _kim.CapturesAsync(held.Id, 10_000)).ShouldBe(200);
        Assert.Equal(new ApiBalance(500_000, 500_000, 0, 2), await _lee.BalanceAsync());
    }

    [Fact]
    public async Task No_body_captures_all_and_a_body_is_never_overlooked()
    {
        var first = await _kim.HoldsAsync(1_000, to: _lee);
        (await _kim.PostAsync($"/v1/transfers/{first.Id}/capture", "", ApiMember.NewKey())).ShouldBe(200);

        // A part was asked for; taking all because nothing said what the body is would be somebody's money.
        var second = await _kim.HoldsAsync(1_000, to: _lee);
        var chunked = new HttpRequestMessage(HttpMethod.Post, $"/v1/transfers/{second.Id}/capture")
        {
            Content = new StringContent("""{"amount":400}"""),
        };
        chunked.Content.Headers.ContentType = null;
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Headers.Add("Idempotency-Key", ApiMember.NewKey());
        (await _kim.SendAsync(chunked)).ShouldBeProblem(415, "unsupported_media_type");
        Assert.Equal(1_000, (await _kim.BalanceAsync()).Held);
    }

    private async Task BothSeeAsync(Guid transfer, string status, long amount)
    {
        foreach (var (member, direction) in new[] { (_kim, "out"), (_lee, "in") })
        {
            var seen = await member.LooksUpAsync(transfer);
            Assert.Equal((status, amount), (seen.Word("status"), seen.Number("amount")));
            var item = (await member.ReadsHistoryAsync())["items"][0];
            Assert.Equal(
                (transfer, status, direction, amount),
                (
                    item.GetProperty("id").GetGuid(),
                    item.GetProperty("status").GetString(),
                    item.GetProperty("direction").GetString(),
                    item.GetProperty("amount").GetInt64()
                )
            );
            Assert.Equal((await member.BalanceAsync()).Balance, item.GetProperty("balanceAfter").GetProperty("balance").GetInt64());
        }
    }

    private static async Task<List<(Guid Id, string? Status)>> HistoryAsync(ApiMember member, string query) =>
        [
            .. (await member.ReadsHistoryAsync(query))["items"]
                .EnumerateArray()
                .Select(item => (item.GetProperty("id").GetGuid(), item.GetProperty("status").GetString())),
        ];

    /// <summary>The API's clock and the database's are not read at the same moment.</summary>
    private static TimeSpan Round(TimeSpan time) => TimeSpan.FromMinutes(Math.Round(time.TotalMinutes));
}
