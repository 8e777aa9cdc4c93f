using QuickPay.Bench.Measure;

namespace QuickPay.Tests.Bench;

public class ServerCountsTests
{
    private const string Page = """
        [
          {"name":"quickpay.ledger.posted","tags":{},"value":12},
          {"name":"quickpay.cache.reads","tags":{"kind":"balance","result":"hit"},"value":90},
          {"name":"quickpay.cache.reads","tags":{"kind":"balance","result":"miss"},"value":10},
          {"name":"quickpay.cache.reads","tags":{"kind":"page","result":"miss"},"value":4},
          {"name":"quickpay.cache.reads","tags":{"kind":"page","result":"bypass"},"value":100},
          {"name":"quickpay.cache.reads","tags":{"kind":"page"},"value":7}
        ]
        """;

    [Fact]
    public void Hit_rates_are_those_between_two_looks()
    {
        var before = new ServerCounts(0, ServerCounts.CacheReadsOf(Page));
        var after = new ServerCounts(
            0,
            ServerCounts.CacheReadsOf(
                Page.Replace(":90", ":150", StringComparison.Ordinal).Replace(":10}", ":30}", StringComparison.Ordinal)
            )
        );

        Assert.Equal(("balance", 0.75), Assert.Single(after.HitRatesSince(before)) is var rate ? (rate.Key, rate.Value) : default);
    }

    [Fact]
    public void Reads_past_the_cache_are_neither_hits_nor_misses()
    {
        var rates = new ServerCounts(0, ServerCounts.CacheReadsOf(Page)).HitRatesSince(
            new ServerCounts(0, ServerCounts.CacheReadsOf("[]"))
        );

        Assert.Equal(["balance", "page"], rates.Keys);
        Assert.Equal((0.9, 0.0), (rates["balance"], rates["page"]));
    }

    [Fact]
    public void A_server_without_a_cache_has_no_rates()
    {
        var nothing = new ServerCounts(0, ServerCounts.CacheReadsOf("""[{"name":"quickpay.ledger.posted","tags":{},"value":12}]"""));

        Assert.Empty(nothing.CacheReads);
        Assert.Empty(nothing.HitRatesSince(nothing));
    }
}
