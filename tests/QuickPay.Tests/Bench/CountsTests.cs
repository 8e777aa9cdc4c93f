using QuickPay.Bench.Commands;

namespace QuickPay.Tests.Bench;

public class CountsTests
{
    [Theory]
    [InlineData("10000", new[] { 10_000L })]
    [InlineData("10k,1M,10M", new[] { 10_000L, 1_000_000L, 10_000_000L })]
    public void Numbers_of_accounts_are_read_as_people_write_them(string text, long[] expected) =>
        Assert.Equal(expected, Counts.ParseList(text));

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("1")]
    [InlineData("-5")]
    [InlineData("1.5M")]
    [InlineData("101M")]
    [InlineData("10k,")]
    [InlineData("9223372036854775807M")]
    public void Other_numbers_of_accounts_are_refused(string text) => Assert.False(Counts.TryParseList(text, out _));
}
