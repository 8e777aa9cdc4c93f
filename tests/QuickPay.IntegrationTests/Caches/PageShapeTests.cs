using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using QuickPay.Caches;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Caches;

/// <summary>What a cached page looks like: pages outlive the servers that wrote them, and are sent as they are.</summary>
public sealed partial class PageShapeTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const string Expected = """
        format 1: {"items":[
        {"id":"ID","status":"pending","kind":"transfer","direction":"out","fromAccountId":"KIM","toAccountId":"LEE","amount":2000,"currency":"KRW","memo":null,"createdAt":"TIME","expiresAt":"TIME","balanceAfter":{"balance":9300,"available":7300,"held":2000,"version":4}},
        {"id":"ID","status":"posted","kind":"transfer","direction":"in","fromAccountId":"LEE","toAccountId":"KIM","amount":300,"currency":"KRW","memo":null,"createdAt":"TIME","balanceAfter":{"balance":9300,"available":9300,"held":0,"version":3}},
        {"id":"ID","status":"posted","kind":"transfer","direction":"out","fromAccountId":"KIM","toAccountId":"LEE","amount":1000,"currency":"KRW","memo":"lunch","createdAt":"TIME","balanceAfter":{"balance":9000,"available":9000,"held":0,"version":2}},
        {"id":"ID","status":"posted","kind":"deposit","direction":"in","fromAccountId":"ID","toAccountId":"KIM","amount":10000,"currency":"KRW","memo":null,"createdAt":"TIME","balanceAfter":{"balance":10000,"available":10000,"held":0,"version":1}}],"nextCursor":null}
        """;

    [Fact]
    public async Task A_page_looks_as_its_format_says()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync(funds: 500));
        (await kim.SendsAsync(1_000, to: lee, memo: "lunch")).ShouldBe(201);
        (await lee.SendsAsync(300, to: kim)).ShouldBe(201);
        (await kim.HoldsAsync(2_000, to: lee)).ShouldBe(201);
        (await kim.ReadsHistoryAsync()).ShouldBe(200);
        byte[]? entry = null;
        await Eventually.IsTrueAsync(
            async () => (entry = await Bank.Cache().StringGetAsync(kim.PageKey())) is not null,
            "the page is in the cache"
        );

        var page = Encoding.UTF8.GetString(PageEntry.Read(entry, 1)!.Body.Span);
        var shape = page.Replace(kim.AccountId.ToString(), "KIM", StringComparison.Ordinal)
            .Replace(lee.AccountId.ToString(), "LEE", StringComparison.Ordinal)
            .Replace("{\"id\"", "\n{\"id\"", StringComparison.Ordinal);
        shape = string.Create(
            CultureInfo.InvariantCulture,
            $"format {entry![CacheScripts.HeadSize]}: {Time().Replace(Uuid().Replace(shape, "ID"), "TIME")}"
        );
        Assert.True(
            shape == Expected,
            $"""
            Pages are not what they were. Servers of both versions read them for an hour: raise PageEntry.Format by one, and have this here:
            {shape}
            """
        );
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[0-9:.]+Z")]
    private static partial Regex Time();
}
