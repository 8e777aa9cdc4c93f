using System.Text;
using CsCheck;
using QuickPay.Edge.Limits;

namespace QuickPay.Tests.Edge.Limits;

public sealed class SubjectIdsTests
{
    [Theory]
    [InlineData("""{"phone":"+821012345678"}""")]
    [InlineData("""{"phone":"010-1234-5678"}""")]
    [InlineData("""{"phone":"01012345678","password":"x"}""")]
    [InlineData("""{"password":"x","device":{"phone":"+821099999999"},"phone":"+82 10 1234 5678"}""")]
    [InlineData("""{"list":[{"phone":"1"},["phone"]], "phone" : "(010) 1234.5678"}""")]
    [InlineData("""{"\u0070hone":"\u002b821012345678"}""")]
    public void However_it_is_written_a_phone_number_is_one(string json) =>
        Assert.Equal((UInt128)821012345678, SubjectIds.OfPhoneIn(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"phone":null}""")]
    [InlineData("""{"phone":821012345678}""")]
    [InlineData("""{"phone":"police"}""")]
    [InlineData("""{"phone":{"phone":"+821012345678"}}""")]
    [InlineData("""{"Phone":"+821012345678"}""")]
    [InlineData("""{"phone":"+8210\ud800"}""")]
    [InlineData("""{"phone":""")]
    [InlineData("""{"a":1,"phone" "+821012345678"}""")]
    public void A_body_without_a_phone_number_that_the_api_takes_has_none(string json) =>
        Assert.Null(SubjectIds.OfPhoneIn(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Any_bytes_are_read_without_an_exception() =>
        Gen.Byte.Array[0, 60].Sample(bytes => SubjectIds.OfPhoneIn([.. "{\"phone\":\""u8, .. bytes]) is not { } id || id > 0);

    [Fact]
    public void Operators_are_told_apart_by_their_names_however_these_are_written()
    {
        var park = Operator("""{"name":"park","password":"x"}""");

        Assert.NotNull(park);
        Assert.Equal(park, Operator("""{"password":"x","device":{"name":"choi"}, "n\u0061me" : "p\u0061rk"}"""));
        Assert.NotEqual(park, Operator("""{"name":"park2"}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"phone":"+821012345678"}""")]
    [InlineData("""{"name":["park"]}""")]
    [InlineData("""{"name":"Park"}""")]
    [InlineData("""{"name":"p"}""")]
    [InlineData("""{"name":"박지"}""")]
    [InlineData("""{"name":"park\n"}""")]
    [InlineData("""{"name":"park\ud800"}""")]
    public void A_body_without_a_name_that_the_api_takes_is_no_operators(string json) => Assert.Null(Operator(json));

    [Fact]
    public void Redis_learns_no_phone_number_and_edges_agree_on_the_name()
    {
        var limit = new Limit("login-phone", 5, TimeSpan.FromMinutes(1));
        var other = new Limit("signup-phone", 5, TimeSpan.FromMinutes(1));
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        var name = (string)SubjectIds.KeyOf(key, limit, 821012345678)!;

        Assert.Matches("^rate:v1:login-phone:[0-9a-f]{32}$", name);
        Assert.Equal(name, (string)SubjectIds.KeyOf([.. key], limit, 821012345678)!);
        Assert.NotEqual(name, (string)SubjectIds.KeyOf(new byte[32], limit, 821012345678)!);
        Assert.NotEqual(name[^32..], ((string)SubjectIds.KeyOf(key, other, 821012345678)!)[^32..]);
    }

    private static UInt128? Operator(string json) => SubjectIds.OfOperatorIn(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Members_are_told_apart()
    {
        var kim = Guid.Parse("01980000-0000-7000-8000-000000000001");
        var lee = Guid.Parse("01980000-0000-7000-8000-000000000002");

        Assert.Equal(SubjectIds.OfMember(kim) + 1, SubjectIds.OfMember(lee));
    }
}
