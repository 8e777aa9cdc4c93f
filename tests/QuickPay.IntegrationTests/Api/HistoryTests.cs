using System.Globalization;
using System.Text.Json;
using Npgsql;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>An account's history: pages that neither lose nor repeat, filters, and a chain of balances.</summary>
public sealed class HistoryTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private ApiMember _kim = null!;
    private ApiMember _lee = null!;
    private ApiMember _park = null!;

    public override async ValueTask InitializeAsync() =>
        (_kim, _lee, _park) = (await Bank.JoinAsync(funds: 100_000), await Bank.JoinAsync(), await Bank.JoinAsync());

    [Fact]
    public async Task Histories_that_take_long_leave_connections_for_everything_else()
    {
        await using var database = await Servers.CreateDatabaseAsync();
        // Its sessions wait for a lock for as long as a long history would read.
        await new Superuser(database).DoAsync($"ALTER ROLE qp_api IN DATABASE {database.Name} SET lock_timeout = '4s'");
        await using var bank = ApiBank.Open(database);
        var kim = await bank.JoinAsync(funds: 1_000);
        await using var locker = await bank.Owner.OpenConnectionAsync(Cancellation);
        await using var transaction = await locker.BeginTransactionAsync(Cancellation);
        await using var take = new NpgsqlCommand("LOCK TABLE transfers IN ACCESS EXCLUSIVE MODE", locker);
        await take.ExecuteNonQueryAsync(Cancellation);

        // Not the first page, which one reads for all who ask at the same time.
        var reading = Enumerable.Range(0, 30).Select(_ => kim.ReadsHistoryAsync("?direction=out")).ToList();
        for (var refused = 0; refused < 26; refused++)
        {
            var first = await Task.WhenAny(reading);
            (await first).ShouldBeProblem(503, "overloaded");
            reading.Remove(first);
        }
        Assert.Equal(1_000, (await kim.BalanceAsync()).Balance);
        (await bank.GetAsync("/health/ready")).ShouldBe(200);

        await transaction.RollbackAsync(Cancellation);
        // On a slow machine their time may be up by now.
        Assert.All(
            await Task.WhenAll(reading),
            answer => Assert.True(answer.Status == 200 || answer.Code == "unavailable_retry", answer.Text)
        );
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Pages_go_from_the_newest_to_the_first_and_are_not_disturbed_by_what_happens_meanwhile()
    {
        await Task.WhenAll(Enumerable.Range(1, 60).Select(i => _kim.SendsAsync(i, to: i % 2 == 0 ? _lee : _park)));
        var expected = 61;
        var seen = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = (await _kim.ReadsHistoryAsync("?limit=7" + (cursor is null ? "" : "&cursor=" + cursor))).ShouldBe(200);
            seen.AddRange(page["items"].EnumerateArray());
            cursor = page["nextCursor"].GetString();
            // New rows come in on top; they belong to no page that follows.
            (await _kim.SendsAsync(100, to: _lee)).ShouldBe(201);
        } while (cursor is not null);

        Assert.Equal(expected, seen.Count);
        Assert.Equal(expected, seen.Select(item => item.GetProperty("id").GetGuid()).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, expected).Reverse().Select(i => (long)i), seen.Select(VersionOf));
        Assert.Equal("deposit", seen[^1].GetProperty("kind").GetString());
        ShouldBeAChain(seen);
    }

    [Fact]
    public async Task Both_directions_stand_in_one_chain_of_balances()
    {
        for (var i = 0; i < 5; i++)
        {
            await _kim.SendsAsync(1_000 + i, to: _lee);
            await _lee.SendsAsync(500 + i, to: _kim);
        }
        var held = await _kim.HoldsAsync(2_000, to: _park);
        await _kim.SendsAsync(10, to: _park);
        await _park.CapturesAsync(held.Id, 1_500);

        var items = await ItemsAsync(_kim);
        Assert.Equal(13, items.Count);
        ShouldBeAChain(items);
        Assert.Equal((await _kim.BalanceAsync()).Balance, items[0].GetProperty("balanceAfter").GetProperty("balance").GetInt64());
        ShouldBeAChain(await ItemsAsync(_lee));
        ShouldBeAChain(await ItemsAsync(_park));
    }

    [Fact]
    public async Task Filters_say_direction_status_and_counterparty_and_go_together()
    {
        await _kim.SendsAsync(1_000, to: _lee);
        await _kim.SendsAsync(2_000, to: _park);
        await _lee.SendsAsync(300, to: _kim);
        var pending = await _kim.HoldsAsync(400, to: _lee);
        var cancelled = await _kim.HoldsAsync(500, to: _park);
        await _kim.CancelsAsync(cancelled.Id);
        var captured = await _kim.HoldsAsync(600, to: _lee);
        await _lee.CapturesAsync(captured.Id);

        Assert.Equal([600, 500, 400, 300, 2_000, 1_000, 100_000], await AmountsAsync(""));
        Assert.Equal([300, 100_000], await AmountsAsync("?direction=in"));
        Assert.Equal([600, 500, 400, 2_000, 1_000], await AmountsAsync("?direction=out"));
        Assert.Equal([600, 300, 2_000, 1_000, 100_000], await AmountsAsync("?status=posted"));
        Assert.Equal([400], await AmountsAsync("?status=pending"));
        Assert.Equal([500], await AmountsAsync("?status=cancelled"));
        Assert.Empty(await AmountsAsync("?status=expired"));
        Assert.Equal([600, 400, 300, 1_000], await AmountsAsync($"?counterparty={_lee.AccountId}"));
        Assert.Equal([600, 1_000], await AmountsAsync($"?counterparty={_lee.AccountId}&direction=out&status=posted"));
        Assert.Equal([600], await AmountsAsync($"?counterparty={_lee.AccountId}&direction=out&status=posted&limit=1"));
        Assert.Empty(await AmountsAsync($"?counterparty={_kim.AccountId}"));
        Assert.Equal(pending.Id, (await _kim.ReadsHistoryAsync("?status=pending"))["items"][0].GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task From_is_in_and_to_is_out_to_the_microsecond()
    {
        for (var i = 1; i <= 4; i++)
        {
            (await _kim.SendsAsync(i, to: _lee)).ShouldBe(201);
        }
        var items = await ItemsAsync(_kim);
        var third = items.Single(item => item.GetProperty("amount").GetInt64() == 3).GetProperty("createdAt").GetDateTimeOffset();
        string At(TimeSpan offset, double microseconds = 0) =>
            Uri.EscapeDataString(
                third
                    .AddMicroseconds(microseconds)
                    .ToOffset(offset)
                    .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture)
            );

        Assert.Equal([4, 3], await AmountsAsync($"?from={At(TimeSpan.Zero)}"));
        Assert.Equal([4], await AmountsAsync($"?from={At(TimeSpan.Zero, 1)}"));
        Assert.Equal([2, 1, 100_000], await AmountsAsync($"?to={At(TimeSpan.FromHours(9))}"));
        Assert.Equal([3], await AmountsAsync($"?from={At(TimeSpan.FromHours(-5))}&to={At(TimeSpan.Zero, 1)}"));
        Assert.Empty(await AmountsAsync("?from=2199-01-01T00:00:00Z"));
        Assert.Equal(5, (await AmountsAsync("?from=2000-01-01T00:00:00Z&to=2199-01-01T00:00:00Z")).Count);
    }

    [Theory]
    [InlineData("limit", "0")]
    [InlineData("limit", "101")]
    [InlineData("limit", "-1")]
    [InlineData("limit", "abc")]
    [InlineData("limit", "1.5")]
    [InlineData("limit", "1e1")]
    [InlineData("limit", "")]
    [InlineData("limit", "+5")]
    [InlineData("limit", "5%20")]
    [InlineData("limit", "５")]
    [InlineData("limit", "99999999999999999999")]
    [InlineData("limit", "5&limit=6")]
    [InlineData("cursor", "")]
    [InlineData("cursor", "garbage")]
    [InlineData("cursor", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("cursor", "%00%ff")]
    [InlineData("from", "yesterday")]
    [InlineData("from", "2026-11-22")]
    [InlineData("from", "2026-11-22T09:00:00")]
    [InlineData("from", "2026-11-22T25:00:00Z")]
    [InlineData("from", "2026-02-30T00:00:00Z")]
    [InlineData("from", "1999-12-31T23:59:59Z")]
    [InlineData("from", "1763800000")]
    [InlineData("to", "9999-12-31T23:59:59Z")]
    [InlineData("to", "0001-01-01T00:00:00Z")]
    [InlineData("to", "2026-11-22T09:00:00")]
    [InlineData("direction", "up")]
    [InlineData("direction", "IN")]
    [InlineData("direction", "")]
    [InlineData("status", "gone")]
    [InlineData("status", "1")]
    [InlineData("counterparty", "lee")]
    [InlineData("counterparty", "")]
    public async Task A_wrong_parameter_is_named(string name, string value)
    {
        var (kim, _) = await CoupleAsync();
        (await kim.ReadsHistoryAsync($"?{name}={value}")).ShouldBeProblem(400, "invalid_request", name);
    }

    [Fact]
    public async Task A_range_that_is_empty_and_everything_else_that_is_wrong_is_named_at_once()
    {
        var (kim, _) = await CoupleAsync();
        const string noon = "2026-11-22T12:00:00Z";
        (await kim.ReadsHistoryAsync($"?from={noon}&to={noon}")).ShouldBeProblem(400, "invalid_request", "to");
        (await kim.ReadsHistoryAsync($"?from={noon}&to=2026-11-22T20:59:59%2B09:00")).ShouldBeProblem(400, "invalid_request", "to");
        (await kim.ReadsHistoryAsync("?limit=0&cursor=x&from=x&to=x&direction=x&status=x&counterparty=x")).ShouldBeProblem(
            400,
            "invalid_request",
            "limit",
            "cursor",
            "from",
            "to",
            "direction",
            "status",
            "counterparty"
        );
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_account_and_cannot_be_cut_or_changed_into_another()
    {
        await _kim.SendsAsync(10, to: _lee);
        await _kim.SendsAsync(10, to: _lee);
        var cursor = (await _kim.ReadsHistoryAsync("?limit=1")).Word("nextCursor");
        var flipped = (cursor[0] == 'A' ? 'B' : 'A') + cursor[1..];
        foreach (var forged in new[] { cursor[..^1], cursor + "A", flipped, cursor.ToUpperInvariant(), cursor[..10] + '!' + cursor[11..] })
        {
            (await _kim.ReadsHistoryAsync("?cursor=" + forged)).ShouldBeProblem(400, "invalid_request", "cursor");
        }
        (await _lee.ReadsHistoryAsync("?cursor=" + cursor)).ShouldBeProblem(400, "invalid_request", "cursor");
        (await _lee.GetAsync($"/v1/accounts/{_kim.AccountId}/transactions?cursor={cursor}")).ShouldBeProblem(404, "account_not_found");
        Assert.Equal(2, (await ItemsAsync(_kim, "?cursor=" + cursor)).Count);
    }

    [Fact]
    public async Task An_empty_history_is_an_empty_page()
    {
        Assert.Equal("""{"items":[],"nextCursor":null}""", (await _lee.ReadsHistoryAsync()).ShouldBe(200).Text);
        Assert.Null((await _kim.ReadsHistoryAsync("?limit=1"))["nextCursor"].GetString());
        Assert.Single(await ItemsAsync(_kim, "?limit=100"));
    }

    /// <summary>Each balance is the one before it and what moved; a hold moves nothing.</summary>
    private static void ShouldBeAChain(IReadOnlyList<JsonElement> newestFirst)
    {
        long balance = 0;
        foreach (var item in newestFirst.Reverse())
        {
            var moved = item.GetProperty("status").GetString() == "posted" ? item.GetProperty("amount").GetInt64() : 0;
            balance += item.GetProperty("direction").GetString() == "in" ? moved : -moved;
            Assert.Equal(balance, item.GetProperty("balanceAfter").GetProperty("balance").GetInt64());
        }
    }

    private static long VersionOf(JsonElement item) => item.GetProperty("balanceAfter").GetProperty("version").GetInt64();

    private static async Task<List<JsonElement>> ItemsAsync(ApiMember member, string query = "") =>
        [.. (await member.ReadsHistoryAsync(query)).ShouldBe(200)["items"].EnumerateArray()];

    private async Task<List<long>> AmountsAsync(string query) =>
        [.. (await ItemsAsync(_kim, query)).Select(item => item.GetProperty("amount").GetInt64())];
}
