using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Firewall;
using QuickPay.IntegrationTests.Members;
using QuickPay.IntegrationTests.Support;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>The firewall as members meet it: through TLS, with a server behind it.</summary>
public sealed class FirewallTests
{
    private const string Attack = "lunch' union select id, phone from members--";

    [Fact]
    public async Task An_attack_is_refused_without_a_word_about_the_rule()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();

        using var answer = await SendAsync(member, Corpus.Place("sqli", Position.Memo, Attack));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("request_blocked", JsonDocument.Parse(text).RootElement.GetProperty("code").GetString());
        Assert.DoesNotMatch("(?i)942|sql|union|memo|owasp|modsecurity|score", text);
        Assert.Equal(0, server.Requests);
    }

    /// <summary>The corpus is decided by the engine alone in CorpusTests; this shows that the edge shows it the whole request.</summary>
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task The_edge_decides_as_its_engine_does(string version)
    {
        // Prime, so that all nine positions have their turn.
        const int every = 61;
        using var firewall = new FirewallFixture();
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync(
            [server],
            ("RateLimits:LoginsPerMinutePerAddress", "100000"),
            ("RateLimits:LoginsPerMinutePerPhone", "100000"),
            ("RateLimits:SignUpsPerMinutePerAddress", "100000"),
            ("RateLimits:SignUpsPerMinutePerPhone", "100000")
        );
        using var member = edge.Client(version: Version.Parse(version));
        List<string> wrong = [];
        HashSet<Position> tried = [];

        foreach (var request in Corpus.Attacks.Concat(Corpus.Honest).Where((_, n) => n % every == 0))
        {
            // The client would resolve dots itself; they are sent as written below.
            if (request.RawTarget.Contains("..", StringComparison.Ordinal))
            {
                continue;
            }
            var before = server.Requests;
            using var answer = await SendAsync(member, request);
            var isRight = firewall.Blocks(request)
                // What has no declared form is refused before the rules are asked.
                ? (int)answer.StatusCode is 400 or 403 or 404 && server.Requests == before
                : answer.StatusCode != HttpStatusCode.Forbidden;
            tried.Add(request.Position);
            if (!isRight)
            {
                wrong.Add($"{request}: {answer.StatusCode}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(Enum.GetValues<Position>().Length, tried.Count);
        Assert.True(server.Requests > 0);
    }

    [Theory]
    [InlineData("GET /v1/accounts?cursor=a%3Fb HTTP/1.1", 403)] // no cursor has one
    [InlineData("GET /v1/accounts?cursor=a%0Ab%3Fc HTTP/1.1", 403)] // nor on one of several lines
    [InlineData("GET /v1/accounts?cursor=a%0A HTTP/1.1", 403)]
    [InlineData("GET /v1/accounts?cursor=%0Aa%7C HTTP/1.1", 403)]
    [InlineData("GET /v1/accounts?cursor= HTTP/1.1", 200)]
    [InlineData("GET /v1/accounts?x=%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1", 403)]
    [InlineData("GET /v1/accounts?x=1%27%20or%20%271%27=%271 HTTP/1.1", 403)]
    [InlineData("GET /v1/accounts?from=2026-11-01T00:00:00%2B09:00 HTTP/1.1", 200)]
    public async Task Targets_are_inspected_as_they_stand_in_the_request_line(string line, int status) =>
        Assert.StartsWith($"HTTP/1.1 {status} ", await StatusLineAsync($"{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n"));

    /// <summary>The first transfer shows the rules what this client's headers look like; those after it need no inspection.</summary>
    [Fact]
    public async Task A_members_second_transfer_is_not_inspected()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();
        member.DefaultRequestHeaders.Authorization = new(
            "Bearer",
            edge.TokenOf(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Guid.CreateVersion7(TimeProvider.System.GetUtcNow()))
        );
        member.DefaultRequestHeaders.Add("User-Agent", "QuickPay/1.0");
        member.DefaultRequestHeaders.Add("Accept", "application/json");

        Assert.Equal(HttpStatusCode.OK, await SendAsync(member));
        // Whatever wants to be inspected from now on waits in vain.
        edge.Services.GetRequiredService<InspectionPool>().Dispose();

        Assert.Equal(HttpStatusCode.OK, await SendAsync(member));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(member));
        member.DefaultRequestHeaders.Add("X-New", "never seen");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendAsync(member));
        Assert.Equal(3, server.Requests);

        static async Task<HttpStatusCode> SendAsync(HttpClient member)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers");
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString());
            request.Content = JsonContent.Create(
                new
                {
                    fromAccountId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
                    to = new { phone = "010-3456-7890" },
                    amount = 3_000,
                    currency = "KRW",
                }
            );
            request.Content.Headers.ContentType = new("application/json");
            await request.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
            using var answer = await member.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    /// <summary>It goes nowhere, so that nothing in it can do harm; and whether the edge is ready is asked most when it has most to do.</summary>
    [Theory]
    [InlineData("GET", "/nothing?x=%3Cscript%3Ealert(1)%3C/script%3E", HttpStatusCode.NotFound)]
    [InlineData("POST", "/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("PATCH", "/v1/accounts", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/health/live", HttpStatusCode.OK)]
    [InlineData("GET", "/health/ready", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/accounts", HttpStatusCode.ServiceUnavailable)]
    public async Task What_is_not_declared_is_not_inspected(string method, string target, HttpStatusCode status)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();
        edge.Services.GetRequiredService<InspectionPool>().Dispose();

        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        using var answer = await member.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.MethodNotAllowed, answer.Content.Headers.Allow.Contains("GET"));
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/jsonp")]
    [InlineData("application/json text")]
    [InlineData(null)]
    public async Task A_body_that_is_not_called_JSON_is_refused(string? type)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();
        using var content = new ByteArrayContent("""{"amount":1}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await member.PostAsync("/v1/transfers", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=utf-7")]
    public async Task A_body_in_other_letters_than_UTF8_is_refused(string type)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();
        using var content = new ByteArrayContent("""{"amount":1}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await member.PostAsync("/v1/transfers", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_is_an_invalid_request()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();
        using var content = new StringContent("{\"amount\":", Encoding.UTF8, "application/json");

        using var answer = await member.PostAsync("/v1/transfers", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal("invalid_request", problem.Code());
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task Where_attacks_are_only_detected_they_pass_and_are_recorded()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server], ("Firewall:BlockingEnabled", "false"));
        var log = LogOf(edge);
        using var member = edge.Client();

        using var answer = await SendAsync(member, Corpus.Place("sqli", Position.Memo, Attack));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1, server.Requests);
        Assert.Contains(log.Lines, line => line.Text.StartsWith("Remarked and let pass SendMoney", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_block_is_recorded_with_what_the_support_needs_and_nothing_that_a_member_wrote()
    {
        const string secret = "hunter2-or-1=1--";
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        var log = LogOf(edge);
        using var member = edge.Client(from: IPAddress.Parse("127.0.0.9"));
        var blocked = new
        {
            phone = "+821098765432",
            name = Attack,
            password = secret,
            pin = "271828",
            refreshToken = secret,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/members") { Content = JsonContent.Create(blocked) };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer <script>alert('token')</script>");
        request.Headers.TryAddWithoutValidation("Cookie", "session=' or 1=1--crumb");

        using var answer = await member.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var id = Assert.Single(answer.Headers.GetValues("X-Request-Id"));
        var line = Assert.Single(log.Lines, line => line.Text.StartsWith("Blocked", StringComparison.Ordinal));
        Assert.StartsWith($"Blocked SignUp of 127.0.0.9, request {id}: sqli by rules ", line.Text);
        Assert.Contains("942100", line.Text);
        Assert.Contains("at level 1", line.Text);
        string[] written = [secret, "hunter2", "271828", "98765432", "union", "select", "members--", "token", "crumb", "alert"];
        Assert.All(
            log.Lines,
            one => Assert.All(written, word => Assert.DoesNotContain(word, one.Text, StringComparison.OrdinalIgnoreCase))
        );
    }

    [Theory]
    [InlineData("/v1/transfers", """{"5500000000000004":"' union select id from members--"}""", "", "ARGS:*")]
    [InlineData("/v1/transfers", """{"memo":"x","5500000000000004 or so":"x"}""", "", "ARGS_NAMES:*")]
    [InlineData("/v1/transfers", """{"memo":"x"}""", "5500000000000004=<script>alert(1)</script>", "REQUEST_COOKIES:*")]
    public async Task A_record_names_no_field_that_a_client_has_made_up(string path, string body, string cookie, string place)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        var log = LogOf(edge);
        using var member = edge.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Cookie", cookie);

        using var answer = await member.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains(
            $" in {place}, matched",
            Assert.Single(log.Lines, line => line.Text.StartsWith("Blocked", StringComparison.Ordinal)).Text
        );
        Assert.All(log.Lines, line => Assert.DoesNotContain("5500000000000004", line.Text));
    }

    /// <summary>This rule logs the text that it matched, where others log a name for it or a fingerprint.</summary>
    [Fact]
    public async Task A_record_shows_two_signs_of_what_matched_and_nothing_of_a_secret()
    {
        const string script = "document.cookie";
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        var log = LogOf(edge);
        using var member = edge.Client();

        using var harmless = await member.PostAsJsonAsync("/v1/members", SignUp("Hana", script), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, harmless.StatusCode);
        using var answer = await member.PostAsJsonAsync("/v1/members", SignUp(script, script), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var line = Assert.Single(log.Lines, line => line.Text.Contains("SignUp", StringComparison.Ordinal));
        Assert.Contains("xss by rules ", line.Text);
        Assert.Contains("in ARGS:json.name, matched do…(15)", line.Text);
        Assert.All(log.Lines, one => Assert.DoesNotContain(script, one.Text, StringComparison.OrdinalIgnoreCase));

        static object SignUp(string name, string password) =>
            new
            {
                phone = "+821098765432",
                name,
                password,
                pin = "271828",
            };
    }

    [Fact]
    public async Task Matches_are_counted_by_rule_and_decision()
    {
        using var requests = new Counted("quickpay.edge.firewall.requests");
        using var matches = new Counted("quickpay.edge.firewall.matches");
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = edge.Client();

        using var blocked = await SendAsync(member, Corpus.Place("xss", Position.Memo, "<script>alert(1)</script>"));

        Assert.NotEmpty(requests.With("decision=blocked"));
        Assert.Contains("rule=941100 decision=blocked", matches.With("decision=blocked"));
    }

    [Theory]
    [InlineData("Firewall:RulesFolder", "/nowhere")]
    [InlineData("Firewall:SetupFile", "/nowhere.conf")]
    public async Task Without_its_rules_the_edge_does_not_start_and_says_what_to_install(string name, string value)
    {
        await using var server = await FakeServer.StartAsync();

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => EdgeUnderTest.StartAsync([server], (name, value)));

        Assert.Contains(name, failure.Message);
        Assert.Contains("apt-get install libmodsecurity3 modsecurity-crs", failure.Message);
    }

    private static RecordedLog LogOf(EdgeUnderTest edge)
    {
        var log = new RecordedLog();
        edge.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        return log;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient member, CorpusRequest request)
    {
        using var message = request.ToMessage();
        message.Version = member.DefaultRequestVersion;
        message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return await member.SendAsync(message, TestContext.Current.CancellationToken);
    }

    private static async Task<string> StatusLineAsync(string request)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        await using var connection = await edge.ConnectAsync();
        await connection.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(connection);
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? "";
    }
}
