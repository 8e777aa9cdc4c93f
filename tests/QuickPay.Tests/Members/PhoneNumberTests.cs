using QuickPay.Members;

namespace QuickPay.Tests.Members;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("010-1234-5678", "+821012345678")]
    [InlineData("01012345678", "+821012345678")]
    [InlineData("+82 10 1234 5678", "+821012345678")]
    [InlineData("+82-010-1234-5678", "+821012345678")]
    [InlineData("(02) 312-3456", "+8223123456")]
    [InlineData("010-5970-0001", "+821059700001")]
    [InlineData("+12025550123", "+12025550123")]
    [InlineData("+819012345678", "+819012345678")]
    public void Every_notation_of_a_number_becomes_one(string text, string expected)
    {
        Assert.True(PhoneNumber.TryNormalise(text, out var e164));
        Assert.Equal(expected, e164);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("010-1234")]
    [InlineData("0800-FLOWERS")]
    [InlineData("010-1234-5678;ext=1")]
    [InlineData("tel:01012345678")]
    [InlineData("+8210123456789012345")]
    [InlineData("+")]
    [InlineData("010-1234-5678\n")]
    [InlineData("000000000000000000000000000000000")]
    public void What_is_no_phone_number_is_refused(string? text) => Assert.False(PhoneNumber.TryNormalise(text, out _));
}
