using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuickPay.IntegrationTests.Edge.Http;
using QuickPay.IntegrationTests.Members;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Edge.Countries;

/// <summary>Who comes from where, as a proxy in front tells it, and who comes in.</summary>
public sealed class CountryRulesTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("quickpay-countries-").FullName, "countries.mmdb");

    public CountryRulesTests() =>
        new MmdbWriter()
            .Add("203.0.113.0/24", "KR")
            .Add("198.51.100.0/24", "KP")
            .Add("2001:db8:1::/48", "KP")
            .Write(_file, TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("Deny", "KP,IR", "", "203.0.113.1", true)]
    [InlineData("Deny", "KP,IR", "", "198.51.100.1", false)]
    [InlineData("Deny", "KP,IR", "", "2001:db8:1::1", false)]
    [InlineData("Deny", "KP,IR", "", "::ffff:198.51.100.1", false)]
    [InlineData("Deny", "KP,IR", "", "192.0.2.1", true)]
    [InlineData("Deny", "KP,IR", "deny", "192.0.2.1", false)]
    [InlineData("Allow", "KR", "", "203.0.113.1", true)]
    [InlineData("Allow", "KR", "", "198.51.100.1", false)]
    [InlineData("Allow", "KR", "", "192.0.2.1", false)]
    [InlineData("Allow", "KR", "allow", "192.0.2.1", true)]
    [InlineData("Allow", "KR", "", "10.1.2.3", true)]
    [InlineData("Allow", "KR", "", "fd00::1", true)]
    [InlineData("Allow", "KR", "", "127.0.0.1", true)]
    public async Task Countries_come_in_as_the_settings_say(string list, string countries, string unknown, string client, bool comesIn)
    {
        await using var server = new RecordingServer();
        await using var edge = await EdgeUnderTest.StartAsync(
            [],
            server.Setting,
            ("Edge:TrustedProxies", "127.0.0.1/32"),
            ("Countries:DatabaseFile", _file),
            ($"Countries:{list}", countries),
            ("Countries:UnknownCountries", unknown)
        );
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync($"GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n\r\n");

        Assert.Equal(comesIn ? 200 : 403, answer?.Status);
        Assert.Equal(!comesIn, answer!.Body.Contains("\"code\":\"country_blocked\"", StringComparison.Ordinal));
        Assert.Equal(comesIn ? 1 : 0, server.Requests.Count);
    }

    [Theory]
    [InlineData("Deny", "KP", 200)]
    [InlineData("Allow", "KR", 403)]
    public async Task Without_a_database_an_allow_list_lets_no_stranger_in(string list, string countries, int status)
    {
        await using var server = new RecordingServer();
        await using var edge = await EdgeUnderTest.StartAsync(
            [],
            server.Setting,
            ("Edge:TrustedProxies", "127.0.0.1/32"),
            ("Countries:DatabaseFile", _file + ".missing"),
            ($"Countries:{list}", countries)
        );
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync("GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n");

        Assert.Equal(status, answer?.Status);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("127.0.0.1/32", 0)]
    public async Task A_client_from_inside_is_remarked_once_when_no_proxy_is_trusted(string trusted, int remarks)
    {
        await using var server = new RecordingServer();
        await using var edge = await EdgeUnderTest.StartAsync(
            [],
            server.Setting,
            ("Edge:TrustedProxies", trusted),
            ("Countries:DatabaseFile", _file),
            ("Countries:Allow", "KR")
        );
        var log = new RecordedLog();
        edge.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await using var connection = await RawConnection.OpenAsync(edge);

        for (var i = 0; i < 3; i++)
        {
            var answer = await connection.AskAsync("GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(200, answer?.Status);
        }

        Assert.Equal(remarks, log.Lines.Count(line => line.Text.Contains("Edge:TrustedProxies", StringComparison.Ordinal)));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
}
