using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class ZipfSamplerTests
{
    private const int Draws = 200_000;

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void Ranks_come_as_often_as_their_probability_says(double exponent)
    {
        const int Count = 100;
        var found = Frequencies(Count, exponent);
        var total = Enumerable.Range(1, Count).Sum(rank => Math.Pow(rank, -exponent));
        for (var rank = 1; rank <= Count; rank++)
        {
            var expected = Draws * Math.Pow(rank, -exponent) / total;
            // Five standard deviations of a binomial count: the seed is fixed, so this never fails by chance.
            Assert.InRange(found[rank], expected - 5 * Math.Sqrt(expected) - 1, expected + 5 * Math.Sqrt(expected) + 1);
        }
    }

    [Fact]
    public void Every_rank_stays_within_ten_million_accounts()
    {
        var sampler = new ZipfSampler(10_000_000, 1);
        var random = new LoadRandom(7);
        for (var i = 0; i < Draws; i++)
        {
            Assert.InRange(sampler.Next(ref random), 1, 10_000_000);
        }
    }

    private static int[] Frequencies(int count, double exponent)
    {
        var sampler = new ZipfSampler(count, exponent);
        var random = new LoadRandom(12_345);
        var found = new int[count + 1];
        for (var i = 0; i < Draws; i++)
        {
            found[sampler.Next(ref random)]++;
        }

        return found;
    }
}
