using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>What a server has counted, for whoever looks after it. That members have no such call, the edge's tests of its surface tell.</summary>
public sealed class CounterTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    [Fact]
    public async Task Transfers_are_counted_from_the_start()
    {
        var before = await PostedAsync();
        var (kim, lee) = await CoupleAsync();
        (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);

        // The counters are this process's, and others post meanwhile.
        Assert.True(await PostedAsync() > before);
    }

    private async Task<long> PostedAsync() =>
        (await Bank.GetAsync("/counters"))
            .ShouldBe(200)
            .Json.EnumerateArray()
            .Where(reading => reading.GetProperty("name").GetString() == "quickpay.ledger.posted")
            .Sum(reading => reading.GetProperty("value").GetInt64());
}
