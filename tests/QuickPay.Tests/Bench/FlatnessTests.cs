using QuickPay.Bench.Measure;

namespace QuickPay.Tests.Bench;

public class FlatnessTests
{
    [Theory]
    [InlineData(new double[] { 100, 100, 100, 119, 119, 119 }, true)]
    [InlineData(new double[] { 100, 100, 100, 121, 121, 121 }, false)]
    [InlineData(new double[] { 100, 100, 100, 50, 50, 50 }, true)] // lower is better
    [InlineData(new double[] { 100, 100, 100, 900, 100, 100, 900, 100, 100 }, true)] // one checkpoint is no trend
    [InlineData(new double[] { 100, 110, 120, 130, 140, 150, 160, 170, 180 }, false)]
    public void The_last_third_may_be_a_fifth_worse_than_the_first(double[] values, bool flat) =>
        Assert.Equal(flat, Flatness.Judge("x", values, allowance: 0).Flat);

    [Fact]
    public void A_difference_within_the_allowance_is_noise()
    {
        Assert.True(Flatness.Judge("ms", [1.0, 1.0, 1.4], allowance: 0.5).Flat);
        Assert.False(Flatness.Judge("ms", [1.0, 1.0, 1.6], allowance: 0.5).Flat);
    }

    [Fact]
    public void Fewer_than_three_values_cannot_be_judged() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Flatness.Judge("x", [1, 2], allowance: 0));

    [Theory]
    [InlineData(100, 120, true)]
    [InlineData(100, 80, true)]
    [InlineData(100, 121, false)]
    [InlineData(100, 79, false)]
    public void Sizes_are_held_against_the_first_both_ways(double first, double other, bool within) =>
        Assert.Equal(within, Flatness.WithinOf(first, other));

    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5)]
    public void The_median_is_the_middle(double[] values, double median) => Assert.Equal(median, Flatness.Median(values));
}
