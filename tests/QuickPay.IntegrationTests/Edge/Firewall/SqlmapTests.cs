using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>
/// sqlmap against every call that takes anything, with a real API behind the edge: once as members meet it, and once with the rules only
/// watching, since the API must be no way in by itself.
/// </summary>
public sealed class SqlmapTests(TestServers servers, ITestOutputHelper output)
{
    private const string NothingFound = "do not appear to be injectable";

    /// <summary>Method, path and body; sqlmap puts its texts where the asterisks are. ACCOUNT is the member's own.</summary>
    public static readonly TheoryData<string, string, string> Calls = new()
    {
        { "POST", "/v1/members", """{"phone":"010-2345-67*","name":"Kim*","password":"correct horse*","pin":"493817*"}""" },
        { "POST", "/v1/sessions", """{"phone":"010-2345-67*","password":"correct horse*","device":"phone*"}""" },
        { "POST", "/v1/sessions/refresh", """{"refreshToken":"abc*"}""" },
        { "DELETE", "/v1/sessions/abc*", "" },
        { "GET", "/v1/accounts/ACCOUNT*/balance", "" },
        { "GET", "/v1/accounts/ACCOUNT/transactions?limit=5*&cursor=x*&from=2026-01-01T00:00:00Z*&direction=in*&status=posted*", "" },
        { "POST", "/v1/accounts/ACCOUNT/deposits", """{"amount":"1*","currency":"KRW*"}""" },
        {
            "POST",
            "/v1/transfers",
            """{"fromAccountId":"ACCOUNT*","to":{"phone":"010-3456-7890*"},"amount":1,"currency":"KRW*","memo":"lunch*"}"""
        },
        { "GET", "/v1/transfers/ACCOUNT*", "" },
        { "POST", "/v1/transfers/ACCOUNT*/capture", """{"amount":"1*"}""" },
    };

    [Theory]
    [Trait("Category", "slow")]
    [MemberData(nameof(Calls))]
    public Task Sqlmap_finds_no_way_through_the_edge(string method, string path, string body) => AttackAsync(method, path, body, true);

    [Theory]
    [Trait("Category", "slow")]
    [MemberData(nameof(Calls))]
    public Task Sqlmap_finds_no_way_into_the_API_itself(string method, string path, string body) => AttackAsync(method, path, body, false);

    private async Task AttackAsync(string method, string path, string body, bool isBlocking)
    {
        await using var database = await servers.CreateDatabaseAsync();
        await using var bank = ApiBank.Open(database);
        var member = await bank.JoinAsync(funds: 100_000);
        var settings = database.ApiSettings($"http://127.0.0.1:{Ports.FreeFrom(null)}", "");
        var api = new HostServer($"api-of-{database.Name}", "api", "QuickPay.Api", settings, servers.Shared.Data, TimeProvider.System);
        await api.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            await using var edge = await EdgeUnderTest.StartAsync(
                [(api.Name, api.Address)],
                ("Firewall:BlockingEnabled", isBlocking ? "true" : "false"),
                // Its HTTP client knows no newer one.
                ("Edge:AllowTls12", "true"),
                // It is one address and one phone number that asks thousands of times.
                ("RateLimits:LoginsPerMinutePerAddress", "1000000"),
                ("RateLimits:LoginsPerMinutePerPhone", "1000000"),
                ("RateLimits:SignUpsPerMinutePerAddress", "1000000"),
                ("RateLimits:SignUpsPerMinutePerPhone", "1000000")
            );
            var said = await RunAsync(edge, method, path, body, member);

            output.WriteLine(said);
            Assert.Contains(NothingFound, said, StringComparison.Ordinal);
            Assert.DoesNotContain("identified the following injection point", said, StringComparison.Ordinal);
            // It asked at all, and no answer was a mistake of ours.
            Assert.Contains("HTTP error codes detected", said, StringComparison.Ordinal);
            Assert.DoesNotContain("500 (", said, StringComparison.Ordinal);
        }
        finally
        {
            await api.StopAsync();
        }
        await bank.ShouldBalanceAsync();
    }

    private static async Task<string> RunAsync(EdgeUnderTest edge, string method, string path, string body, ApiMember member)
    {
        var folder = Directory.CreateTempSubdirectory("quickpay-sqlmap-");
        var account = member.AccountId.ToString("D", CultureInfo.InvariantCulture);
        List<string> arguments =
        [
            "-u",
            $"{edge.Https.GetLeftPart(UriPartial.Authority)}{path.Replace("ACCOUNT", account, StringComparison.Ordinal)}",
            "--method",
            method,
            "--headers",
            $"Authorization: Bearer {member.AccessToken}\nIdempotency-Key: sqlmap-1\nContent-Type: application/json",
            "--batch",
            "--ignore-stdin",
            // Under its own name it would be known at once; and it gives up where it is asked to log in.
            "--random-agent",
            "--ignore-code",
            "401,404",
            "--level",
            "1",
            "--risk",
            "1",
            "--technique",
            "BEU",
            "--dbms",
            "PostgreSQL",
            "--flush-session",
            "--disable-coloring",
            "--timeout",
            "10",
            "--output-dir",
            folder.FullName,
            .. body.Length > 0 ? (string[])["--data", body.Replace("ACCOUNT", account, StringComparison.Ordinal)] : [],
        ];
        try
        {
            using var tool = Process.Start(new ProcessStartInfo("sqlmap", arguments) { RedirectStandardOutput = true })!;
            return await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (Win32Exception)
        {
            Assert.Fail("sqlmap is missing. To install it: sudo apt-get install -y --no-install-recommends sqlmap");
            throw;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
