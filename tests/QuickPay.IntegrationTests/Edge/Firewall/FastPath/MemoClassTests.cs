using System.Text;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>Which memos need no inspection.</summary>
public sealed class MemoClassTests(FastPathFixture fixture) : IClassFixture<FastPathFixture>
{
    [Theory]
    [InlineData("")]
    [InlineData("점심")]
    [InlineData("커피!")]
    [InlineData("커피값 4500")]
    [InlineData("선물 고마워~")]
    [InlineData("11월 관리비, 12월 관리비")]
    [InlineData("Coffee, thanks!")]
    [InlineData("Lunch with Kim")]
    [InlineData("July rent")]
    [InlineData("HAPPY BIRTHDAY")]
    [InlineData("José")]
    [InlineData("50000원")]
    public void What_people_write_is_fast(string memo) => Assert.True(fixture.IsFast(memo));

    /// <summary>Each of these was once in the class, or on the way to it, and the rules found something in it.</summary>
    [Theory]
    [InlineData("union select from")]
    [InlineData("reunion selection from")]
    [InlineData("behaving well!")]
    [InlineData("ls ")]
    [InlineData("ftps are great?")]
    [InlineData("filename?")]
    [InlineData(".Nsrr ")]
    [InlineData("reput C")]
    [InlineData("budget Kim")]
    [InlineData("foo limit 23,x")]
    [InlineData("23~localtime")]
    [InlineData("kim xor 1!depth")]
    [InlineData("2147483647")]
    [InlineData("..")]
    [InlineData("가..")]
    [InlineData("갧 or 1갽1")]
    [InlineData("4\ub06f\ub072갫6")]
    [InlineData("$\ub07c\ub07c1")]
    [InlineData("\ub06f\ub06e7갽")]
    [InlineData("1갡\ub040")]
    [InlineData("\ub0276\ub027")]
    [InlineData("ZXZhbCgx")]
    [InlineData("jav가a")]
    public void What_a_rule_finds_something_in_is_not(string memo) => Assert.False(fixture.IsFast(memo));

    [Theory]
    [InlineData("It's lunch")]
    [InlineData("a/b")]
    [InlineData("(paid)")]
    [InlineData("ｌｕｎｃｈ")]
    [InlineData("e\u0301clair")]
    [InlineData("lunch\u200bKim")]
    [InlineData("점심 🍜")]
    [InlineData("lunch\u00a0Kim")]
    [InlineData("\u202elunch")]
    [InlineData("log10")]
    [InlineData("1e5")]
    [InlineData("0x41")]
    [InlineData("McDonald")]
    public void What_is_rare_or_looks_like_ASCII_to_somebody_is_not(string memo) => Assert.False(fixture.IsFast(memo));

    [Fact]
    public void A_memo_has_at_most_200_characters()
    {
        Assert.True(fixture.IsFast(new string('점', 200)));
        Assert.False(fixture.IsFast(new string('점', 201)));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_not()
    {
        Assert.True(fixture.Memos.Contains("점"u8));
        Assert.False(fixture.Memos.Contains("점"u8[..2]));
        Assert.False(fixture.Memos.Contains([0xC0, 0xA7]));
        Assert.False(fixture.Memos.Contains([.. Encoding.UTF8.GetBytes("kim"), 0xFF]));
    }
}
