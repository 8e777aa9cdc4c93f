using CsCheck;
using QuickPay.Edge.Http;
using QuickPay.Edge.Surface;

namespace QuickPay.Tests.Edge.Http;

public sealed class StrictPathTests
{
    [Theory]
    [InlineData("/", true)]
    [InlineData("/v1/accounts", true)]
    [InlineData("/docs/scalar.js", true)]
    [InlineData("/.well-known/jwks.json", true)]
    [InlineData("/a..b/~c_d-e", true)]
    [InlineData("", false)]
    [InlineData("v1", false)]
    [InlineData("//", false)]
    [InlineData("/v1/", false)]
    [InlineData("/v1//a", false)]
    [InlineData("/.", false)]
    [InlineData("/..", false)]
    [InlineData("/v1/../a", false)]
    [InlineData("/v1/a%62", false)]
    [InlineData("/v1/a%3Fb", false)]
    [InlineData("/v1/a%253fb", false)]
    [InlineData("/v1/a%25%3Fb", false)]
    [InlineData("/v1/a;b", false)]
    [InlineData("/v1/a\\b", false)]
    [InlineData("/v1/a b", false)]
    [InlineData("/v1/é", false)]
    public void A_plain_path_has_one_spelling(string path, bool plain) => Assert.Equal(plain, StrictPath.IsPlain(path));

    /// <summary>Whoever resolves or decodes a plain path once more gets the same one.</summary>
    [Fact]
    public void A_plain_path_means_the_same_to_every_parser() =>
        Gen.OneOf(Gen.Char["/.%2e;\\ab"], Gen.Char)
            .Array[0, 12]
            .Select(characters => "/" + new string(characters))
            .Sample(path =>
                !StrictPath.IsPlain(path)
                || (
                    Uri.UnescapeDataString(path) == path && new Uri("https://localhost" + path).AbsolutePath == path && !path.Contains("//")
                )
            );

    [Theory]
    [InlineData("", true)]
    [InlineData("limit=20&from=2026-01-01T00:00:00%2B09:00", true)]
    [InlineData("a=/?:@!$'()*+,;", true)]
    [InlineData("%", false)]
    [InlineData("a=%4", false)]
    [InlineData("a=%4g", false)]
    [InlineData("a=%00%41%", false)]
    [InlineData("a=<", false)]
    [InlineData("a=\"", false)]
    [InlineData("a=é", false)]
    [InlineData("a= b", false)]
    [InlineData("a#b", false)]
    public void A_query_is_one_by_its_standard(string query, bool good) => Assert.Equal(good, StrictPath.IsQuery(query));

    [Theory]
    [InlineData("GetBalance", "/v1/accounts/1/balance", true)]
    [InlineData("GetBalance", "/v1/accounts/1/Balance", false)]
    [InlineData("GetBalance", "/v1/accounts//balance", false)]
    [InlineData("GetBalance", "/v1/accounts/1/2/balance", false)]
    [InlineData("GetBalance", "/v1/accounts/1/balance/", false)]
    [InlineData("GetBalance", "/v1/accounts/1", false)]
    [InlineData("GetTransfer", "/v1/transfers/1", true)]
    [InlineData("GetTransfer", "/v1/transfers/", false)]
    [InlineData("GetMe", "/v1/members/me", true)]
    [InlineData("GetMe", "/v1/members/ME", false)]
    public void A_call_is_known_by_its_path_to_the_letter(string call, string path, bool its) =>
        Assert.Equal(its, StrictPath.Is(path, ApiSurface.Named(call)));

    [Fact]
    public void Every_declared_path_is_plain_and_its_own() =>
        Assert.All(
            ApiSurface.Calls,
            call =>
            {
                var path = call.Template.Replace("{id}", "1").Replace("{file}", "a.js");
                Assert.True(StrictPath.IsPlain(path) && StrictPath.Is(path, call), path);
            }
        );
}
