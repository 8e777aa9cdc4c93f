using System.ComponentModel.DataAnnotations;
using QuickPay.Edge;
using QuickPay.Edge.Countries;

namespace QuickPay.Tests.Edge;

/// <summary>Settings that would make an edge which is not what its operator thinks are refused.</summary>
public sealed class EdgeOptionsTests
{
    private static readonly string File = typeof(EdgeOptionsTests).Assembly.Location;

    [Theory]
    [InlineData("127.0.0.1:8443", "127.0.0.1:8080", "127.0.0.1:9190", "localhost", "", "", null)]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "pay.example,127.0.0.1,[::1]", "https://app.example:444", "10.0.0.0/8", null)]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost", "http://localhost:3000", "", null)]
    [InlineData("8443", "", "127.0.0.1:9190", "localhost", "", "", "not an address with a port")]
    [InlineData(",", "", "127.0.0.1:9190", "localhost", "", "", "names no address")]
    [InlineData("127.0.0.1:8443", "", "10.0.0.1:8443", "localhost", "", "", "ports of their own")]
    [InlineData("127.0.0.1:8443", "[::1]:8443", "127.0.0.1:9190", "localhost", "", "", "ports of their own")]
    [InlineData("127.0.0.1:8443", "127.0.0.1:9190", "127.0.0.1:9190", "localhost", "", "", "ports of their own")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "bücher.example", "", "", "not a host name")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost:8443", "", "", "not a host name")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost.", "", "", "not a host name")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "*", "", "", "not a host name")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost", "*", "", "not an origin")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost", "https://*.example", "", "not an origin")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost", "http://app.example", "", "not an origin")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost", "https://app.example/", "", "not an origin")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost", "null", "", "not an origin")]
    [InlineData("127.0.0.1:8443", "", "127.0.0.1:9190", "localhost", "", "10.0.0.0/33", "not a network")]
    public void Settings_of_the_edge_are_refused_for_what_is_wrong_with_them(
        string https,
        string redirect,
        string @internal,
        string hosts,
        string origins,
        string trusted,
        string? wrong
    )
    {
        var options = new EdgeOptions
        {
            Https = https,
            HttpRedirect = redirect,
            Internal = @internal,
            HostNames = hosts,
            CorsOrigins = origins,
            TrustedProxies = trusted,
            CertificateFile = File,
            CertificateKeyFile = File,
        };

        ShouldBe(options, wrong);
    }

    [Theory]
    [InlineData("", "", "", "", null)]
    [InlineData("KP,IR", "", "", "a.mmdb", null)]
    [InlineData("", "KR", "deny", "a.mmdb", null)]
    [InlineData("KP", "KR", "", "a.mmdb", "choose one")]
    [InlineData("kp", "", "", "a.mmdb", "not a country code")]
    [InlineData("", "KOR", "", "a.mmdb", "not a country code")]
    [InlineData("KP", "", "", "", "need a DatabaseFile")]
    [InlineData("KP", "", "maybe", "a.mmdb", "UnknownCountries")]
    public void Settings_of_countries_are_refused_for_what_is_wrong_with_them(
        string deny,
        string allow,
        string unknown,
        string file,
        string? wrong
    ) =>
        ShouldBe(
            new CountryOptions
            {
                Deny = deny,
                Allow = allow,
                UnknownCountries = unknown,
                DatabaseFile = file,
            },
            wrong
        );

    private static void ShouldBe(IValidatableObject options, string? wrong)
    {
        var found = options.Validate(new ValidationContext(options)).Select(result => result.ErrorMessage).ToList();
        if (wrong is null)
        {
            Assert.Empty(found);
        }
        else
        {
            Assert.Contains(wrong, Assert.Single(found));
        }
    }
}
