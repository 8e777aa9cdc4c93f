using System.Text;
using System.Text.Json;
using CsCheck;
using QuickPay.Edge.Firewall;

namespace QuickPay.Tests.Edge.Firewall;

/// <summary>What the engine is shown of a body.</summary>
public sealed class SecretFieldsTests
{
    [Theory]
    [InlineData("""{"pin":"314159","memo":"lunch"}""", """{"pin":"xxxxxx","memo":"lunch"}""")]
    [InlineData("""{"pin":314159}""", """{"pin":111111}""")]
    [InlineData("""{"pin":-1.5e3}""", """{"pin":111111}""")]
    [InlineData("""{ "password" : "a\"b" }""", """{ "password" : "xxxx" }""")]
    [InlineData("""{"PassWord":"a"}""", """{"PassWord":"x"}""")]
    [InlineData("""{"p\u0069n":"12"}""", """{"p\u0069n":"xx"}""")]
    [InlineData("""{"refreshToken":"a.b"}""", """{"refreshToken":"xxx"}""")]
    [InlineData("""{"pin":"1","pin":"22"}""", """{"pin":"x","pin":"xx"}""")]
    [InlineData("""{"pin":""}""", """{"pin":""}""")]
    [InlineData("""{"pin":null,"memo":"lunch"}""", """{"pin":null,"memo":"lunch"}""")]
    [InlineData("""{"to":{"pin":"x<y"}}""", """{"to":{"pin":"x<y"}}""")]
    [InlineData("""{"pin":["a"]}""", """{"pin":["a"]}""")]
    [InlineData("""{"pins":"a"}""", """{"pins":"a"}""")]
    public void Only_secrets_are_blanked(string body, string shown) => Assert.Equal(shown, Blank(body));

    [Fact]
    public void Whatever_the_secret_is_the_rest_stays_as_it_was() =>
        Gen.Select(Gen.String, Gen.String)
            .Sample(
                (secret, memo) =>
                {
                    var shown = JsonDocument.Parse(Blank(JsonSerializer.Serialize(new { password = secret, memo }))).RootElement;
                    return shown.GetProperty("memo").GetString() == Readable(memo)
                        && shown.GetProperty("password").GetString()!.All(letter => letter == 'x');
                }
            );

    [Fact]
    public void What_holds_no_secret_is_not_copied()
    {
        ReadOnlyMemory<byte> body = """{"memo":"lunch"}"""u8.ToArray();

        Assert.True(body.Equals(SecretFields.Blank(body)));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData(" ")]
    public void What_is_not_JSON_is_not_taken_for_it(string body) => Assert.ThrowsAny<JsonException>(() => Blank(body));

    /// <summary>Halves of surrogate pairs do not survive being written.</summary>
    private static string Readable(string text) => JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(text))!;

    private static string Blank(string body) => Encoding.UTF8.GetString(SecretFields.Blank(Encoding.UTF8.GetBytes(body)).Span);
}
