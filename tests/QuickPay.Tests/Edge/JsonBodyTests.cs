using System.Text;
using QuickPay.Edge.Http;

namespace QuickPay.Tests.Edge;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("{}", true)]
    [InlineData("{\"to\":{\"phone\":\"+82\"},\"memo\":\"안녕\"}", true)]
    [InlineData("[[[[[[[[]]]]]]]]", true)]
    [InlineData("[[[[[[[[[]]]]]]]]]", false)]
    [InlineData("", false)]
    [InlineData("{} {}", false)]
    [InlineData("{\"a\":1,}", false)]
    [InlineData("{\"a\":1 // b\n}", false)]
    [InlineData("{\"a\":NaN}", false)]
    [InlineData("{'a':1}", false)]
    [InlineData("\uFEFF{}", false)]
    [InlineData("{\"a\":\"\n\"}", false)]
    public void A_body_is_one_document_and_flat(string body, bool good) =>
        Assert.Equal(good, JsonBody.IsWellFormed(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData(new byte[] { (byte)'"', 0xFF, (byte)'"' })]
    [InlineData(new byte[] { (byte)'"', 0xC0, 0x80, (byte)'"' })]
    [InlineData(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' })]
    public void Bytes_that_are_no_UTF_8_are_no_body(byte[] body) => Assert.False(JsonBody.IsWellFormed(body));

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("Application/JSON; charset=utf-8", true)]
    [InlineData("application/jsonx", false)]
    [InlineData("text/plain", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_body_says_that_it_is_JSON(string? type, bool good) => Assert.Equal(good, JsonBody.Refusal(type, "{}"u8) is null);
}
