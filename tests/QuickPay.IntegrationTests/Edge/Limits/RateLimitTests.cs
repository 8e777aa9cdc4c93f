using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Limits;

/// <summary>Rate limits as those see them who come in through HTTPS.</summary>
public sealed class RateLimitTests(TestServers servers)
{
    private static readonly IPAddress Home = IPAddress.Parse("127.6.0.1");
    private static readonly Guid Kim = Guid.Parse("01980000-0000-7000-8000-000000000001");
    private static readonly Guid KimsPhone = Guid.Parse("01980000-0000-7000-8000-00000000000a");
    private static readonly Guid KimsTablet = Guid.Parse("01980000-0000-7000-8000-00000000000b");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_address_is_held_to_its_limit_and_another_is_not(int edges)
    {
        const int PerSecond = 100;
        await using var redis = new SharedRedis(servers.Shared);
        await using var server = await FakeServer.StartAsync();
        // A busy machine may pause this process for longer than an edge would wait for Redis: then each would count for itself.
        (string, string)[] settings =
        [
            .. redis.Settings,
            ("RateLimits:RequestsPerSecondPerAddress", $"{PerSecond}"),
            ("RateLimits:RedisTimeoutMs", "5000"),
            ("Redis:TimeoutMs", "5000"),
        ];
        var all = new List<EdgeUnderTest>();
        for (var i = 0; i < edges; i++)
        {
            all.Add(await EdgeUnderTest.StartAsync([server], settings));
        }
        var abusers = all.ConvertAll(edge => edge.Client(Home));
        using var other = all[0].Client(IPAddress.Parse("127.6.0.2"));
        // Handshakes take their time: from another address, so that they do not count.
        await StatusOfAsync(other);
        await Task.WhenAll(abusers.Select(StatusOfAsync));
        await Eventually.IsTrueAsync(Once(TimeSpan.FromSeconds(1.1)), "the window of the first requests is over");

        var quiet = await MedianAsync(other);
        var abuse = Pace.SendAsync(2 * PerSecond, TimeSpan.FromSeconds(3), PerSecond, i => StatusOfAsync(abusers[i % edges]));
        var abused = await MedianAsync(other);
        var (answers, ideal) = await abuse;

        var passed = answers.Count(status => status == HttpStatusCode.OK);
        TestContext.Current.TestOutputHelper?.WriteLine($"{passed} of {answers.Count} went through, {ideal} expected");
        ideal.ShouldBeWithinTwoPercent(passed);
        Assert.Equal(answers.Count - passed, answers.Count(status => status == HttpStatusCode.TooManyRequests));
        TestContext.Current.TestOutputHelper?.WriteLine($"the other address: median {quiet} without abuse, {abused} with it");
        Assert.True(abused < quiet + TimeSpan.FromMilliseconds(20), $"{quiet} {abused}");
        foreach (var (edge, abuser) in all.Zip(abusers))
        {
            abuser.Dispose();
            await edge.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_refusal_says_which_limit_it_was_and_when_to_come_back()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var client = edge.Client(Home);
        using var first = await LogInAsync(client, "010-1234-5678");
        Assert.Equal("\"login-address\";q=10;w=60, \"login-phone\";q=5;w=60", FieldOf(first, "RateLimit-Policy"));
        Assert.Matches("^\"login-address\";r=9;t=(60|59), \"login-phone\";r=4;t=(60|59)$", FieldOf(first, "RateLimit"));
        for (var i = 0; i < 4; i++)
        {
            using var further = await LogInAsync(client, "010-1234-5678");
            Assert.Equal(HttpStatusCode.OK, further.StatusCode);
        }

        using var refused = await LogInAsync(client, "010-1234-5678");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var wait = (int)refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        Assert.InRange(wait, 30, 60);
        Assert.EndsWith(
            string.Create(CultureInfo.InvariantCulture, $", \"login-phone\";r=0;t={wait}"),
            FieldOf(refused, "RateLimit"),
            StringComparison.Ordinal
        );
        Assert.EndsWith(", \"login-phone\";q=5;w=60", FieldOf(refused, "RateLimit-Policy"), StringComparison.Ordinal);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("rate_limited", problem.RootElement.GetProperty("code").GetString());
        Assert.Equal(429, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("login-phone", problem.RootElement.GetProperty("limit").GetString());
        Assert.Equal(5, server.Requests);
    }

    /// <summary>The names are a contract, and so is the order: what stands before the name was asked first.</summary>
    [Theory]
    [InlineData("RequestsPerSecondPerAddress", "/v1/transfers", "\"address\";q=1;w=1", "address")]
    [InlineData("RequestsPerSecondOverall", "/v1/transfers", "\"overall\";q=1;w=1", "overall")]
    [InlineData("LoginsPerMinutePerAddress", "/v1/sessions", "\"login-address\";q=1;w=60", "login-address")]
    [InlineData("LoginsPerMinutePerPhone", "/v1/sessions", "\"login-address\";q=10;w=60, \"login-phone\";q=1;w=60", "login-phone")]
    [InlineData(
        "LoginsPerMinutePerOperator",
        "/v1/operator/sessions",
        "\"login-address\";q=10;w=60, \"login-operator\";q=1;w=60",
        "login-operator"
    )]
    [InlineData("SignUpsPerMinutePerAddress", "/v1/members", "\"signup-address\";q=1;w=60", "signup-address")]
    [InlineData("SignUpsPerMinutePerPhone", "/v1/members", "\"signup-address\";q=10;w=60, \"signup-phone\";q=1;w=60", "signup-phone")]
    [InlineData("TransfersPerSecondPerMember", "/v1/transfers", "\"transfer-member\";q=1;w=1", "transfer-member")]
    public async Task Each_limit_refuses_in_its_own_name(string setting, string path, string policy, string name)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server], ($"RateLimits:{setting}", "1"));
        using var client = ClientOf(edge, Home, edge.TokenOf(Kim, KimsPhone));

        // Of a limit by the second, a slow machine may send two in two windows.
        HttpResponseMessage refused;
        while (
            (
                refused = await client.PostAsJsonAsync(
                    path,
                    new
                    {
                        phone = "010-1234-5678",
                        name = "park",
                        password = "x",
                    },
                    Cancellation
                )
            ).StatusCode == HttpStatusCode.OK
        )
        {
            refused.Dispose();
        }

        using (refused)
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal(policy, FieldOf(refused, "RateLimit-Policy"));
            Assert.Matches($"\"{name}\";r=0;t={refused.Headers.RetryAfter?.Delta?.TotalSeconds}$", FieldOf(refused, "RateLimit"));
            using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal(name, problem.RootElement.GetProperty("limit").GetString());
        }
    }

    [Fact]
    public async Task What_an_address_is_refused_uses_up_nothing_of_what_all_share()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync(
            [server],
            ("RateLimits:RequestsPerSecondPerAddress", "1"),
            ("RateLimits:RequestsPerSecondOverall", "3")
        );
        using var abuser = edge.Client(Home);
        using var other = edge.Client(IPAddress.Parse("127.6.0.2"));

        for (var i = 0; i < 50; i++)
        {
            await StatusOfAsync(abuser);
        }

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(other));
    }

    [Theory]
    [InlineData("/v1/sessions")]
    [InlineData("/v1/members")]
    public async Task Five_a_minute_with_one_phone_number_however_it_is_written_and_from_wherever(string path)
    {
        string[] notations = ["+821012345678", "010-1234-5678", "01012345678", "+82 10 1234 5678", "(010) 1234.5678"];
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        var passed = 0;
        for (var i = 0; i < 20; i++)
        {
            using var client = edge.Client(IPAddress.Parse($"127.6.1.{i + 1}"));
            using var answer = await LogInAsync(client, notations[i % notations.Length], path);
            passed += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.Equal(5, passed);
        using var another = edge.Client(Home);
        using var unharmed = await LogInAsync(another, "010-8765-4321", path);
        Assert.Equal(HttpStatusCode.OK, unharmed.StatusCode);
    }

    /// <summary>And what is said to be a phone number there is none: nobody uses up a member's log-ins with it.</summary>
    [Fact]
    public async Task Five_a_minute_with_one_operators_name_from_wherever()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        var passed = 0;
        for (var i = 0; i < 20; i++)
        {
            using var client = edge.Client(IPAddress.Parse($"127.6.1.{i + 1}"));
            using var answer = await LogInAsOperatorAsync(client, "park");
            passed += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.Equal(5, passed);
        using var another = edge.Client(Home);
        using var choi = await LogInAsOperatorAsync(another, "choi");
        Assert.Equal(HttpStatusCode.OK, choi.StatusCode);
        using var member = await LogInAsync(another, "010-1234-5678");
        Assert.Equal(HttpStatusCode.OK, member.StatusCode);
        Assert.Matches("\"login-phone\";r=4;", FieldOf(member, "RateLimit"));
        // Both are log-ins from this address.
        Assert.Matches("\"login-address\";r=8;", FieldOf(member, "RateLimit"));
    }

    [Theory]
    [InlineData("/v1/sessions")]
    [InlineData("/v1/members")]
    [InlineData("/v1/operator/sessions")]
    public async Task Ten_a_minute_from_one_address_whatever_they_say(string path)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var client = edge.Client(Home);
        var passed = 0;
        for (var i = 0; i < 30; i++)
        {
            using var answer = await client.PostAsync(path, i % 2 == 0 ? JsonContent.Create(new { phone = i }) : null, Cancellation);
            passed += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.Equal(10, passed);
        // Other calls go on.
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(client));
    }

    [Fact]
    public async Task A_member_has_one_limit_for_all_sessions_addresses_and_calls_that_move_money()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server], ("RateLimits:TransfersPerSecondPerMember", "10"));
        using var phone = ClientOf(edge, Home, edge.TokenOf(Kim, KimsPhone));
        using var tablet = ClientOf(edge, IPAddress.Parse("127.6.0.9"), edge.TokenOf(Kim, KimsTablet));
        HttpClient[] devices = [phone, tablet];
        string[] calls = ["/v1/transfers", $"/v1/transfers/{Kim}/capture", $"/v1/transfers/{Kim}/cancel", $"/v1/accounts/{Kim}/deposits"];
        await Task.WhenAll(devices.Select(StatusOfAsync));

        var started = TimeProvider.System.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => PostAsync(devices[i % 2], calls[i / 2 % 4])));
        var seconds = (int)TimeProvider.System.GetElapsedTime(started).TotalSeconds;

        // On a machine that takes longer than a second for it, the next window has begun.
        var passed = answers.Count(status => status == HttpStatusCode.OK);
        Assert.InRange(passed, 10, 10 * (1 + seconds));
        Assert.Equal(40 - passed, answers.Count(status => status == HttpStatusCode.TooManyRequests));
        // Reading is no transfer.
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(phone));
    }

    [Fact]
    public async Task Nobody_uses_up_a_members_limit_with_a_token_that_is_not_genuine_or_not_valid_any_more()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server], ("RateLimits:TransfersPerSecondPerMember", "10"));
        await using var stranger = await EdgeUnderTest.StartAsync([server]);
        var genuine = edge.TokenOf(Kim, KimsPhone);
        using var forger = ClientOf(edge, Home, stranger.TokenOf(Kim, KimsPhone));
        using var late = ClientOf(edge, Home, edge.ExpiredTokenOf(Kim, KimsPhone));
        using var nobody = edge.Client(Home);

        foreach (var client in (HttpClient[])[forger, late, nobody])
        {
            // All reach the API, which says 401.
            var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => PostAsync(client, "/v1/transfers")));
            Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        }
        Assert.DoesNotContain(" 429 ", await SendAllAsync(edge, 30, $"Authorization: Bearer {genuine}\r\nAuthorization: Bearer x\r\n"));
        using var kim = ClientOf(edge, Home, genuine);
        using var first = await kim.PostAsJsonAsync("/v1/transfers", new { }, Cancellation);
        Assert.Equal("\"transfer-member\";r=9;t=1", FieldOf(first, "RateLimit"));
    }

    [Fact]
    public async Task Who_comes_close_to_the_limit_of_their_address_is_told_and_others_are_not()
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server], ("RateLimits:RequestsPerSecondPerAddress", "20"));
        using var client = edge.Client(Home);
        var told = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            using var answer = await client.GetAsync("/v1/accounts", Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            told.Add(FieldOf(answer, "RateLimit"));
        }

        Assert.Equal("", told[0]);
        Assert.Contains("\"address\";r=1;t=1", told);
    }

    private static Func<bool> Once(TimeSpan passed)
    {
        var started = TimeProvider.System.GetTimestamp();
        return () => TimeProvider.System.GetElapsedTime(started) >= passed;
    }

    private static HttpClient ClientOf(EdgeUnderTest edge, IPAddress from, string token)
    {
        var client = edge.Client(from);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static async Task<TimeSpan> MedianAsync(HttpClient client)
    {
        var times = await Pace.SendAsync(
            25,
            TimeSpan.FromSeconds(2),
            async _ =>
            {
                var started = TimeProvider.System.GetTimestamp();
                Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(client));
                return TimeProvider.System.GetElapsedTime(started);
            }
        );
        return times.Order().ElementAt(times.Count / 2);
    }

    private static async Task<HttpStatusCode> StatusOfAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/v1/accounts", Cancellation);
        return answer.StatusCode;
    }

    /// <summary>Transfers in one piece on one connection, with header lines that no HTTP client would send; all the answers as they came.</summary>
    private static async Task<string> SendAllAsync(EdgeUnderTest edge, int count, string headers)
    {
        await using var connection = await edge.ConnectAsync();
        string Transfer(string fate) =>
            $"POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: {fate}\r\nContent-Length: 0\r\n\r\n";
        var all = string.Concat(Enumerable.Repeat(Transfer("keep-alive"), count - 1)) + Transfer("close");
        await connection.WriteAsync(Encoding.ASCII.GetBytes(all), Cancellation);
        return await new StreamReader(connection, Encoding.ASCII).ReadToEndAsync(Cancellation);
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, string path)
    {
        using var answer = await client.PostAsJsonAsync(path, new { amount = 1 }, Cancellation);
        return answer.StatusCode;
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient client, string phone, string path = "/v1/sessions") =>
        client.PostAsJsonAsync(path, new { phone, password = "x" }, Cancellation);

    private static Task<HttpResponseMessage> LogInAsOperatorAsync(HttpClient client, string name) =>
        client.PostAsJsonAsync(
            "/v1/operator/sessions",
            new
            {
                phone = "010-1234-5678",
                name,
                password = "x",
            },
            Cancellation
        );

    private static string FieldOf(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
