using QuickPay.Members;

namespace QuickPay.Tests.Members;

public sealed class MemberNameTests
{
    private const string Family = "👨‍👩‍👧";

    [Theory]
    [InlineData("김민수", "김민수")]
    [InlineData("  Alice Kim ", "Alice Kim")]
    [InlineData("김", "김")]
    [InlineData("Anne-Marie O’Neill", "Anne-Marie O’Neill")]
    [InlineData(Family, Family)]
    public void A_name_is_kept_as_it_was_written(string text, string expected)
    {
        Assert.True(MemberName.TryNormalise(text, out var name));
        Assert.Equal(expected, name);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\u0000b")]
    [InlineData("a\nb")]
    [InlineData("a\u202Eb")]
    [InlineData("a\uD800b")]
    public void What_is_no_name_is_refused(string? text) => Assert.False(MemberName.TryNormalise(text, out _));

    [Fact]
    public void Sixty_characters_fit_and_sixty_one_do_not()
    {
        Assert.True(MemberName.TryNormalise(new string('김', MemberName.LengthMax), out _));
        Assert.False(MemberName.TryNormalise(new string('김', MemberName.LengthMax + 1), out _));
    }

    [Theory]
    [InlineData("김민수", "김*수")]
    [InlineData("김민", "김*")]
    [InlineData("김", "*")]
    [InlineData("Alice", "A***e")]
    [InlineData("남궁민수" + Family, "남***" + Family)]
    public void Others_see_the_ends_of_a_name_only(string name, string expected) => Assert.Equal(expected, MemberName.Mask(name));
}
