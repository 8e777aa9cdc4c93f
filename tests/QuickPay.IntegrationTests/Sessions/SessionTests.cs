using System.Text.Json;
using QuickPay.IntegrationTests.Members;
using QuickPay.IntegrationTests.Support;
using QuickPay.Redis;
using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Sessions;

public sealed class SessionTests(TwoServers bank) : IClassFixture<TwoServers>, IAsyncLifetime
{
    private readonly TestDatabase _database = bank.Database;
    private readonly MemberApp _seoul = bank.Seoul;
    private readonly MemberApp _busan = bank.Busan;
    private TestMember _kim = null!;

    public async ValueTask InitializeAsync() => _kim = await _seoul.JoinAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Who_logs_in_gets_tokens_and_is_let_in_everywhere()
    {
        var (status, body) = await _seoul.PostAsync("/v1/sessions", _kim.LogInBody("Kim's phone"));
        Assert.Equal(201, status);
        Assert.Equal(["accessToken", "refreshToken", "expiresIn", "sessionId"], body.EnumerateObject().Select(field => field.Name));
        Assert.Equal(900, body.GetProperty("expiresIn").GetInt32());
        foreach (var app in new[] { _seoul, _busan })
        {
            Assert.Equal(200, (await app.GetAsync("/v1/members/me", TestSession.From(body))).Status);
        }
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_phone_look_alike()
    {
        var wrong = await _seoul.PostAsync("/v1/sessions", _kim.LogInBody(password: "wrong"));
        var unknown = await _seoul.PostAsync("/v1/sessions", new TestMember { Phone = MemberApp.NewPhone() }.LogInBody());
        Assert.Equal((401, "unauthenticated"), (wrong.Status, wrong.Body.Code()));
        Assert.Equal((401, "unauthenticated"), (unknown.Status, unknown.Body.Code()));
        Assert.Equal(wrong.Body.GetProperty("detail").GetString(), unknown.Body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Bad_logins_are_told_what_is_wrong_with_them()
    {
        var (status, body) = await _seoul.PostAsync(
            "/v1/sessions",
            new
            {
                phone = "x",
                password = "",
                device = new string('d', 65),
            }
        );
        Assert.Equal((400, "invalid_request"), (status, body.Code()));
        Assert.Equal(3, body.GetProperty("errors").EnumerateObject().Count());
        Assert.Equal(
            400,
            (
                await _seoul.PostAsync(
                    "/v1/sessions",
                    new
                    {
                        phone = _kim.Phone,
                        password = "x",
                        admin = true,
                    }
                )
            ).Status
        );
    }

    [Fact]
    public async Task However_many_passwords_are_guessed_at_once_on_two_servers_five_are_looked_at()
    {
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(i => (i % 2 == 0 ? _seoul : _busan).PostAsync("/v1/sessions", _kim.LogInBody(password: $"guess {i}")))
        );
        Assert.Equal(5, answers.Count(answer => (answer.Status, answer.Body.Code()) == (401, "unauthenticated")));
        Assert.Equal(35, answers.Count(answer => (answer.Status, answer.Body.Code()) == (429, "login_locked")));

        using var response = await _seoul.Http.PostAsync(
            new Uri("/v1/sessions", UriKind.Relative),
            System.Net.Http.Json.JsonContent.Create(_kim.LogInBody()),
            MemberApp.Cancellation
        );
        Assert.Equal(429, (int)response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 40, 60);

        await _database.DoAsync($"UPDATE credentials SET locked_until = now() WHERE member_id = '{_kim.Id}' AND kind = 1");
        await _seoul.LogInAsync(_kim);
        Assert.Equal(0, await _database.AskAsync<int>($"SELECT failures FROM credentials WHERE member_id = '{_kim.Id}' AND kind = 1"));
    }

    [Fact]
    public async Task A_member_sees_their_devices_and_logs_one_of_them_out_at_once_on_every_server()
    {
        var phone = await _seoul.LogInAsync(_kim, "phone");
        bank.Time.Advance(TimeSpan.FromSeconds(10));
        var tablet = await _busan.LogInAsync(_kim, "tablet 🙂");
        await _busan.GetAsync("/v1/members/me", tablet);

        var (status, list) = await _seoul.GetAsync("/v1/sessions", phone);
        Assert.Equal(200, status);
        var items = list.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([tablet.Id, phone.Id], items.Select(item => item.GetProperty("id").GetGuid()));
        Assert.Equal(["tablet 🙂", "phone"], items.Select(item => item.GetProperty("device").GetString()));
        Assert.Equal([false, true], items.Select(item => item.GetProperty("current").GetBoolean()));
        Assert.EndsWith("Z", items[0].GetProperty("createdAt").GetString(), StringComparison.Ordinal);
        Assert.True(items[1].GetProperty("lastSeenAt").GetDateTime() >= items[1].GetProperty("createdAt").GetDateTime());

        Assert.Equal(204, (await _seoul.DeleteAsync($"/v1/sessions/{tablet.Id}", phone)).Status);
        foreach (var app in new[] { _busan, _seoul })
        {
            var refused = await app.GetAsync("/v1/members/me", tablet);
            Assert.Equal((401, "session_revoked"), (refused.Status, refused.Body.Code()));
        }
        var refresh = await _seoul.PostAsync("/v1/sessions/refresh", new { refreshToken = tablet.RefreshToken });
        Assert.Equal((401, "session_revoked"), (refresh.Status, refresh.Body.Code()));
        Assert.Equal(200, (await _busan.GetAsync("/v1/members/me", phone)).Status);
        Assert.Single((await _seoul.GetAsync("/v1/sessions", phone)).Body.GetProperty("items").EnumerateArray());
        var again = await _seoul.DeleteAsync($"/v1/sessions/{tablet.Id}", phone);
        Assert.Equal((404, "session_not_found"), (again.Status, again.Body.Code()));
    }

    [Fact]
    public async Task Nobody_logs_anybody_else_out()
    {
        var lee = await _seoul.JoinAsync("이서연");
        var (kims, lees) = (await _seoul.LogInAsync(_kim), await _seoul.LogInAsync(lee));
        foreach (var id in new[] { kims.Id.ToString(), Guid.Empty.ToString(), "nonsense" })
        {
            var (status, body) = await _seoul.DeleteAsync($"/v1/sessions/{id}", lees);
            Assert.Equal((404, "session_not_found"), (status, body.Code()));
        }
        Assert.Equal(200, (await _seoul.GetAsync("/v1/members/me", kims)).Status);
    }

    [Fact]
    public async Task Logging_out_ends_this_device()
    {
        var (phone, tablet) = (await _seoul.LogInAsync(_kim), await _seoul.LogInAsync(_kim));
        Assert.Equal(204, (await _seoul.DeleteAsync("/v1/sessions/current", phone)).Status);
        Assert.Equal("session_revoked", (await _seoul.GetAsync("/v1/members/me", phone)).Body.Code());
        Assert.Equal(200, (await _seoul.GetAsync("/v1/members/me", tablet)).Status);
    }

    [Fact]
    public async Task A_refresh_token_is_worth_one_refresh_and_its_replay_ends_the_session()
    {
        var first = await _seoul.LogInAsync(_kim);
        bank.Time.Advance(TimeSpan.FromSeconds(1));
        var (status, body) = await _busan.PostAsync("/v1/sessions/refresh", new { refreshToken = first.RefreshToken });
        Assert.Equal(200, status);
        var second = TestSession.From(body);
        Assert.Equal(first.Id, second.Id);
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        Assert.Equal(200, (await _seoul.GetAsync("/v1/members/me", second)).Status);

        var replay = await _seoul.PostAsync("/v1/sessions/refresh", new { refreshToken = first.RefreshToken });
        Assert.Equal((401, "session_revoked"), (replay.Status, replay.Body.Code()));
        Assert.Equal("session_revoked", (await _busan.GetAsync("/v1/members/me", second)).Body.Code());
        Assert.Equal(
            "session_revoked",
            (await _busan.PostAsync("/v1/sessions/refresh", new { refreshToken = second.RefreshToken })).Body.Code()
        );
    }

    [Fact]
    public async Task Of_many_refreshes_at_once_one_wins_and_the_others_are_replays()
    {
        var session = await _seoul.LogInAsync(_kim);
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(i => (i % 2 == 0 ? _seoul : _busan).PostAsync("/v1/sessions/refresh", new { refreshToken = session.RefreshToken }))
        );
        var won = Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(15, answers.Count(answer => answer.Body.Code() == "session_revoked"));
        Assert.Equal("session_revoked", (await _seoul.GetAsync("/v1/members/me", TestSession.From(won.Body))).Body.Code());
    }

    [Fact]
    public async Task A_guessed_refresh_token_harms_nobody()
    {
        var session = await _seoul.LogInAsync(_kim);
        var guess = RefreshToken.Begin(_kim.Id, session.Id).Reveal();
        foreach (var token in new[] { guess, "nonsense" })
        {
            var (status, body) = await _seoul.PostAsync("/v1/sessions/refresh", new { refreshToken = token });
            Assert.Equal((401, "unauthenticated"), (status, body.Code()));
        }
        Assert.Equal(400, (await _seoul.PostAsync("/v1/sessions/refresh", new { })).Status);
        Assert.Equal(200, (await _seoul.PostAsync("/v1/sessions/refresh", new { refreshToken = session.RefreshToken })).Status);
    }

    [Fact]
    public async Task An_idle_session_asks_for_a_refresh_which_revives_it()
    {
        var session = await _seoul.LogInAsync(_kim);
        Assert.Equal(200, (await _seoul.GetAsync("/v1/members/me", session)).Status);
        // What 30 idle minutes do.
        await Redis.KeyDeleteAsync(SessionKeys.Session(session.Id));
        Assert.Equal("session_revoked", (await _seoul.GetAsync("/v1/members/me", session)).Body.Code());
        var (status, body) = await _seoul.PostAsync("/v1/sessions/refresh", new { refreshToken = session.RefreshToken });
        Assert.Equal((200, session.Id), (status, body.GetProperty("sessionId").GetGuid()));
        Assert.Equal(200, (await _seoul.GetAsync("/v1/members/me", TestSession.From(body))).Status);
    }

    [Fact]
    public async Task A_call_prolongs_its_session_once_a_minute()
    {
        var session = await _seoul.LogInAsync(_kim);
        await _seoul.GetAsync("/v1/members/me", session);
        var key = SessionKeys.Session(session.Id);
        await IsProlongedAsync(key);
        await Redis.KeyExpireAsync(key, TimeSpan.FromMinutes(20));
        bank.Time.Advance(TimeSpan.FromSeconds(59));
        await _seoul.GetAsync("/v1/members/me", session);
        Assert.InRange((await Redis.KeyTimeToLiveAsync(key))!.Value.TotalMinutes, 15, 20);
        bank.Time.Advance(TimeSpan.FromSeconds(1));
        await _seoul.GetAsync("/v1/members/me", session);
        await IsProlongedAsync(key);
        var list = await _seoul.Service<SessionStore>().ListAsync(_kim.Id);
        Assert.Equal(60, (list[0].LastSeenAt - list[0].CreatedAt).TotalSeconds, tolerance: 1.0);
    }

    [Fact]
    public async Task A_twenty_first_device_takes_the_place_of_the_oldest()
    {
        var store = _seoul.Service<SessionStore>();
        var sessions = new List<GrantedSession>();
        for (var i = 0; i < 21; i++)
        {
            sessions.Add(await store.OpenAsync(_kim.Id, $"device {i}"));
            bank.Time.Advance(TimeSpan.FromSeconds(1));
        }
        var checker = _busan.Service<SessionChecker>();
        Assert.Equal(SessionState.Revoked, await checker.CheckAsync(sessions[0].Caller));
        Assert.Equal(SessionState.Active, await checker.CheckAsync(sessions[1].Caller));
        Assert.Equal(SessionState.Active, await checker.CheckAsync(sessions[20].Caller));
        Assert.Equal(20, (await store.ListAsync(_kim.Id)).Count);
        Assert.Equal(Rotation.Gone, (await store.RotateAsync(sessions[0].RefreshToken)).Outcome);
    }

    [Fact]
    public async Task Thousands_of_checks_at_once_each_get_their_own_answer()
    {
        var store = _seoul.Service<SessionStore>();
        var alive = (await store.OpenAsync(_kim.Id, null)).Caller;
        var ended = (await store.OpenAsync(_kim.Id, null)).Caller;
        Assert.True(await store.RevokeAsync(_kim.Id, ended.SessionId));
        var stolen = new Caller(Guid.Parse("01980000-0000-7000-8000-000000000001"), alive.SessionId);
        var checker = _seoul.Service<SessionChecker>();
        var states = await Task.WhenAll(
            Enumerable
                .Range(0, 6_000)
                .Select(i =>
                    Task.Run(async () =>
                        await checker.CheckAsync(
                            (i % 3) switch
                            {
                                0 => alive,
                                1 => ended,
                                _ => stolen,
                            }
                        )
                    )
                )
        );
        for (var i = 0; i < states.Length; i++)
        {
            Assert.Equal(i % 3 == 0 ? SessionState.Active : SessionState.Revoked, states[i]);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer x.y.z")]
    [InlineData("Basic a2ltOng=")]
    public async Task Without_a_valid_token_nothing_of_a_request_is_read(string? authorization)
    {
        foreach (var (method, path) in new[] { ("GET", "/v1/members/me"), ("GET", "/v1/sessions"), ("DELETE", "/v1/sessions/current") })
        {
            var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            var (status, body) = await _seoul.SendAsync(request);
            Assert.Equal((401, "unauthenticated"), (status, body.Code()));
        }
    }

    [Fact]
    public async Task The_public_keys_are_there_for_everybody()
    {
        var keys = JsonSerializer.Deserialize<JsonElement>(
            await _seoul.Http.GetStringAsync(new Uri("/.well-known/jwks.json", UriKind.Relative), MemberApp.Cancellation)
        );
        Assert.Equal("EC", keys.GetProperty("keys")[0].GetProperty("kty").GetString());
    }

    private StackExchange.Redis.IDatabase Redis => _busan.Service<RedisConnection>().Database;

    /// <summary>Prolonging is not waited for by the call that causes it.</summary>
    private Task IsProlongedAsync(StackExchange.Redis.RedisKey key) =>
        Eventually.IsTrueAsync(async () => await Redis.KeyTimeToLiveAsync(key) > TimeSpan.FromMinutes(29), "the session is prolonged");
}
