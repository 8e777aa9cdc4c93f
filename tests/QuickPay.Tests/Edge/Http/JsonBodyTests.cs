using System.Text;
using System.Text.Json;
using CsCheck;
using QuickPay.Edge.Http;

namespace QuickPay.Tests.Edge.Http;

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
    [InlineData("{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":1}]}", true)]
    [InlineData("{\"a\":1,\"a\":1}", false)]
    [InlineData("{\"a\":1,\"b\":{\"c\":1},\"a\":1}", false)]
    [InlineData("{\"b\":{\"a\":1,\"a\":1}}", false)]
    [InlineData("{\"memo\":1,\"m\\u0065mo\":1}", false)]
    [InlineData("{\"m\\u0065mo\":1,\"memo\":1}", false)]
    [InlineData("{\"m\\u0065mo\":1,\"a\":1}", true)]
    [InlineData("{\"\\ud800\":1}", false)]
    [InlineData("{\"\\udc00\":1}", false)]
    [InlineData("{\"a\":\"\\ud800\"}", false)]
    [InlineData("{\"a\":\"\\ud83d\\ude00\"}", true)]
    [InlineData("{\"a\":\"\\uD83D\\uDE00\\n\\\\ud800\"}", true)]
    [InlineData("{\"a\":\"\\ude00\\ud83d\"}", false)]
    [InlineData("{\"a\":\"\\ud83dx\\ude00\"}", false)]
    [InlineData("{\"a\":\"\\ud83d\\n\\ude00\"}", false)]
    [InlineData("{\"a\":\"\\ud83d\\ud83d\\ude00\"}", false)]
    [InlineData("{\"m\\u0065mo\":1,\"a\":\"\\ud800\"}", false)]
    public void A_body_is_one_document_and_flat(string body, bool good) =>
        Assert.Equal(good, JsonBody.IsWellFormed(Encoding.UTF8.GetBytes(body)));

    /// <summary>More than are compared one with the other.</summary>
    [Theory]
    [InlineData(32, null, true)]
    [InlineData(33, null, true)]
    [InlineData(1_000, null, true)]
    [InlineData(1_000, 999, false)]
    [InlineData(32, 31, false)]
    public void A_field_comes_once_among_many(int fields, int? again, bool good)
    {
        var names = Enumerable.Range(0, fields).Append(again ?? fields).Select(n => $"\"f{n}\":1");

        Assert.Equal(good, JsonBody.IsWellFormed(Encoding.UTF8.GetBytes($"{{{string.Join(',', names)}}}")));
    }

    /// <summary>What is a text, the reader can decode; what is none, it cannot.</summary>
    [Fact]
    public void Halves_of_surrogate_pairs_are_found_as_the_decoder_finds_them() =>
        Gen.OneOf("\\ud83d", "\\ude00", "\\u0041", "\\n", "\\\\", "x", "\\uDBFF", "\\udFfF", "\\/", "uD83D")
            .Array[0, 6]
            .Sample(parts =>
            {
                var json = $"\"{string.Concat(parts)}\"";
                bool decodes;
                try
                {
                    JsonDocument.Parse(json).RootElement.GetString();
                    decodes = true;
                }
                catch (InvalidOperationException)
                {
                    decodes = false;
                }
                Assert.Equal(decodes, JsonBody.IsWellFormed(Encoding.UTF8.GetBytes(json)));
            });

    [Theory]
    [InlineData(new byte[] { (byte)'"', 0xFF, (byte)'"' })]
    [InlineData(new byte[] { (byte)'"', 0xC0, 0x80, (byte)'"' })]
    [InlineData(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' })]
    public void Bytes_that_are_no_UTF_8_are_no_body(byte[] body) => Assert.False(JsonBody.IsWellFormed(body));

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("Application/JSON; charset=utf-8", true)]
    [InlineData("application/json;charset=\"utf-8\"; x=y", true)]
    [InlineData("application/json; charset=UTF-8", true)]
    [InlineData("application/json; x=y", true)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("application/json; x=y; charset=utf-7", false)]
    [InlineData("application/json; charset=", false)]
    [InlineData("application/json charset=utf-8", false)]
    [InlineData("application/json; charset=utf-8,application/json", false)]
    [InlineData("application/jsonx", false)]
    [InlineData("text/plain", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_body_says_that_it_is_JSON(string? type, bool good) => Assert.Equal(good, JsonBody.Refusal(type, "{}"u8) is null);
}
