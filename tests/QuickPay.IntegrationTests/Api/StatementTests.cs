using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Statements to keep: what is in them, for which period, and in which form.</summary>
public sealed partial class StatementTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private ApiMember _kim = null!;
    private ApiMember _lee = null!;

    public override async ValueTask InitializeAsync() => (_kim, _lee) = (await Bank.JoinAsync(funds: 100_000), await Bank.JoinAsync());

    [Fact]
    public async Task Its_rows_are_those_of_the_history_the_oldest_first()
    {
        await _kim.SendsAsync(1_000, to: _lee, memo: "점심, \"국밥\"");
        await _lee.SendsAsync(300, to: _kim, memo: "고마워요 🙏");
        await _kim.HoldsAsync(400, to: _lee);
        var cancelled = await _kim.HoldsAsync(500, to: _lee);
        var captured = await _kim.HoldsAsync(600, to: _lee);
        await _kim.CancelsAsync(cancelled.Id);
        await _kim.SendsAsync(7, to: _lee);
        await _lee.CapturesAsync(captured.Id, 250);

        foreach (var member in new[] { _kim, _lee })
        {
            var statement = await StatementAsync(member);
            var items = (await member.ReadsHistoryAsync("?limit=100")).ShouldBe(200)["items"].EnumerateArray().Reverse();
            Assert.Equal(items.Select(EntryOf), statement.Entries);
            Assert.Equal((0, (await member.BalanceAsync()).Balance), (statement.Opening, statement.Closing));
        }
        Assert.Equal(
            ["posted", "posted", "posted", "pending", "cancelled", "posted", "posted"],
            (await StatementAsync(_kim)).Entries.Select(entry => entry.Status)
        );
    }

    [Fact]
    public async Task Periods_that_adjoin_share_no_row_and_one_s_end_is_the_other_s_beginning()
    {
        for (var i = 1; i <= 6; i++)
        {
            (await _kim.SendsAsync(i, to: _lee)).ShouldBe(201);
        }
        var all = await StatementAsync(_kim);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var entry in all.Entries)
        {
            var before = await StatementAsync(_kim, now.AddYears(-1), entry.Time);
            var after = await StatementAsync(_kim, entry.Time, now.AddYears(1));
            Assert.Equal(all.Entries, [.. before.Entries, .. after.Entries]);
            Assert.Equal(entry, after.Entries[0]);
            Assert.Equal((0, before.Closing, all.Closing), (before.Opening, after.Opening, after.Closing));
        }
        var (past, coming) = (
            await StatementAsync(_kim, now.AddYears(-2), now.AddYears(-1)),
            await StatementAsync(_kim, now.AddYears(1), now.AddYears(2))
        );
        Assert.Empty(past.Entries);
        Assert.Empty(coming.Entries);
        Assert.Equal((0, 0, all.Closing, all.Closing), (past.Opening, past.Closing, coming.Opening, coming.Closing));
    }

    /// <summary>A batch's time is read before its order is decided: a later row may say that it is older.</summary>
    [Fact]
    public async Task Rows_whose_times_disagree_with_their_order_are_in_one_of_two_periods_and_both_add_up()
    {
        await using var bank = await ApiBank.OpenAsync(Servers);
        var (kim, lee) = (await bank.JoinAsync(funds: 100_000), await bank.JoinAsync());
        for (var i = 1; i <= 9; i++)
        {
            (await kim.SendsAsync(i, to: lee)).ShouldBe(201);
        }
        await new Superuser(bank.Database).DoAsync(
            """
            SET session_replication_role = replica;
            UPDATE transfers SET created_at = created_at + (CASE WHEN amount % 2 = 0 THEN interval '10 s' ELSE interval '-10 s' END) WHERE kind = 1
            """
        );
        var all = await StatementAsync(kim);
        Assert.NotEqual(all.Entries.OrderBy(entry => entry.Time), all.Entries);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var entry in all.Entries)
        {
            var before = await StatementAsync(kim, now.AddYears(-1), entry.Time);
            var after = await StatementAsync(kim, entry.Time, now.AddYears(1));
            Assert.Equal(all.Entries, [.. before.Entries, .. after.Entries]);
            Assert.Equal(all.Entries.First(other => other.Time >= entry.Time), after.Entries[0]);
            Assert.Equal(before.Closing, after.Opening);
        }
    }

    [Fact]
    public async Task It_is_a_file_of_its_own_that_nobody_keeps_and_tells_what_it_has_shown()
    {
        var newest = await _kim.SendsAsync(1_000, to: _lee);
        var answer = (await _kim.GetAsync(Statement.WholePath(_kim))).ShouldBe(200);

        Assert.Equal("text/csv; charset=utf-8; header=present", answer.ContentType);
        Assert.Matches("^attachment; filename=\"quickpay-statement-[0-9]{8}-[0-9]{8}\\.csv\"$", answer.Header("Content-Disposition"));
        Assert.Equal(("no-store", "nosniff"), (answer.Header("Cache-Control"), answer.Header("X-Content-Type-Options")));
        Assert.True(ConsistencyToken.TryParse(newest.Consistency, out var sent));
        Assert.True(ConsistencyToken.TryParse(answer.Consistency, out var shown));
        Assert.Equal((sent.Timeline, sent.Account, sent.Version), (shown.Timeline, shown.Account, shown.Version));

        var request = new HttpRequestMessage(HttpMethod.Get, Statement.WholePath(_kim));
        request.Headers.Add("QuickPay-Consistency", (shown with { Version = shown.Version + 1 }).ToString());
        (await _kim.SendAsync(request)).ShouldBeProblem(503, "unavailable_retry");
    }

    [Theory]
    [InlineData("ko-KR,ko;q=0.9,en;q=0.8", "ko")]
    [InlineData("en-US,en;q=0.9,ko;q=0.1", "en")]
    [InlineData("fr,en;q=0.2", "en")]
    [InlineData(null, "ko")]
    [InlineData("tlh", "ko")]
    public async Task On_paper_it_is_in_the_member_s_language_and_nothing_in_it_runs(string? accepted, string language)
    {
        await _kim.SendsAsync(1_234, to: _lee, memo: "<b>점심</b> & 'x' \"y\"");
        await _kim.CancelsAsync((await _kim.HoldsAsync(500, to: _lee)).Id);
        var request = new HttpRequestMessage(HttpMethod.Get, Statement.WholePath(_kim, "&format=html"));
        if (accepted is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        }

        var page = (await _kim.SendAsync(request)).ShouldBe(200);

        Assert.Equal("text/html; charset=utf-8", page.ContentType);
        Assert.Equal((language, "Accept-Language"), (page.Header("Content-Language"), page.Header("Vary")));
        string[] words =
            language == "ko"
                ? ["거래내역서", "기초 잔액", "취소", "내역서 끝"]
                : ["Account statement", "Opening balance", "Cancelled", "End of statement"];
        Assert.All(words, word => Assert.Contains(word, page.Text, StringComparison.Ordinal));
        Assert.Contains("&lt;b&gt;점심&lt;/b&gt; &amp; &#x27;x&#x27; &quot;y&quot;", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<td class=\"n\">1,234</td>", page.Text, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", page.Text, StringComparison.Ordinal);
        var style = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style().Match(page.Text).Groups[1].Value)));
        foreach (
            var policy in new[]
            {
                page.Header("Content-Security-Policy")!,
                System.Net.WebUtility.HtmlDecode(Meta().Match(page.Text).Groups[1].Value),
            }
        )
        {
            Assert.StartsWith(
                $"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'",
                policy,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData("from=2026-01-01T00:00:00Z", "to")]
    [InlineData("to=2026-01-01T00:00:00Z", "from")]
    [InlineData("from=yesterday&to=2026-01-01", "from", "to")]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to")]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-01-01T08:00:00%2B09:00", "to")]
    [InlineData("from=2021-01-01T00:00:00Z&to=2026-01-01T00:00:01Z", "to")]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&format=pdf", "format")]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&format=CSV", "format")]
    [InlineData("format=", "from", "to", "format")]
    public async Task What_is_wrong_with_a_period_or_a_form_is_named(string query, params string[] fields)
    {
        var (kim, _) = await CoupleAsync();
        (await kim.GetAsync($"/v1/accounts/{kim.AccountId}/statement?{query}")).ShouldBeProblem(400, "invalid_request", fields);
    }

    private static async Task<Statement> StatementAsync(ApiMember member) =>
        Statement.Parse((await member.GetAsync(Statement.WholePath(member))).ShouldBe(200).Text);

    private static async Task<Statement> StatementAsync(ApiMember member, DateTimeOffset from, DateTimeOffset to) =>
        Statement.Parse((await member.GetAsync(Statement.Path(member, from, to))).ShouldBe(200).Text);

    private static StatementEntry EntryOf(JsonElement item)
    {
        var direction = item.GetProperty("direction").GetString()!;
        return new StatementEntry(
            item.GetProperty("createdAt").GetDateTimeOffset(),
            item.GetProperty("id").GetGuid(),
            item.GetProperty("kind").GetString()!,
            item.GetProperty("status").GetString()!,
            direction,
            item.GetProperty("amount").GetInt64(),
            item.GetProperty("balanceAfter").GetProperty("balance").GetInt64(),
            item.GetProperty(direction == "in" ? "fromAccountId" : "toAccountId").GetGuid(),
            item.GetProperty("memo").GetString() ?? ""
        );
    }

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("<meta http-equiv=\"Content-Security-Policy\" content=\"(.*?)\">")]
    private static partial Regex Meta();
}
