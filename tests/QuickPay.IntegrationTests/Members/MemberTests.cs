using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using QuickPay.IntegrationTests.Support;
using QuickPay.Members;

namespace QuickPay.IntegrationTests.Members;

public sealed class MemberTests(TwoServers bank) : IClassFixture<TwoServers>
{
    private readonly TestDatabase _database = bank.Database;
    private readonly MemberApp _app = bank.Seoul;

    [Fact]
    public async Task Who_joins_is_a_member_with_a_wallet_in_won()
    {
        var (status, body) = await _app.PostAsync(
            "/v1/members",
            new
            {
                phone = "010-9999-0001",
                name = " 이서연 ",
                password = TestMember.Password,
                pin = "123456",
            }
        );

        Assert.Equal(201, status);
        Assert.Equal(["id", "phone", "name", "tier"], body.EnumerateObject().Select(field => field.Name));
        Assert.Equal("+821099990001", body.GetProperty("phone").GetString());
        Assert.Equal("이서연", body.GetProperty("name").GetString());
        Assert.Equal("unverified", body.GetProperty("tier").GetString());
        var id = body.GetProperty("id").GetGuid();
        Assert.Equal(7, id.Version);
        Assert.Equal(1, await _database.AskAsync<long>($"SELECT count(*) FROM accounts WHERE owner_id = '{id}' AND currency = 410"));
        Assert.Equal((short)1, await _database.AskAsync<short>($"SELECT tier FROM balances WHERE owner_id = '{id}'"));
    }

    [Fact]
    public async Task A_member_sees_themselves_and_their_limits()
    {
        var kim = await _app.JoinAsync("김민수");
        var (status, me) = await _app.GetAsync("/v1/members/me", await _app.LogInAsync(kim));
        Assert.Equal(200, status);
        Assert.Equal(kim.Id, me.GetProperty("id").GetGuid());
        Assert.Equal("+82" + kim.Phone[1..], me.GetProperty("phone").GetString());
        Assert.Equal("김민수", me.GetProperty("name").GetString());
        Assert.Equal(500_000, me.GetProperty("limits").GetProperty("walletCap").GetInt64());
        Assert.True(me.GetProperty("limits").GetProperty("perTransfer").GetInt64() > 0);
        Assert.True(me.GetProperty("limits").GetProperty("perDay").GetInt64() > 0);
    }

    [Fact]
    public async Task The_database_knows_neither_phone_nor_name_nor_password_nor_pin()
    {
        var kim = await _app.JoinAsync("Wonderwoman");
        var stored = await _database.AskAsync<string>(
            $"""
            SELECT string_agg(encode(phone_index || data_key || phone || name, 'escape') || hash, '|')
              FROM members JOIN credentials ON member_id = id WHERE id = '{kim.Id}'
            """
        );
        foreach (var secret in new[] { kim.Phone[1..], "Wonderwoman", TestMember.Password, TestMember.Pin })
        {
            Assert.DoesNotContain(secret, stored!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_phone_number_has_one_member_in_whatever_notation()
    {
        var kim = await _app.JoinAsync();
        foreach (var notation in new[] { kim.Phone, "+82" + kim.Phone[1..], "+82 (0)" + kim.Phone[1..], kim.Phone.Insert(3, "-") })
        {
            var (status, body) = await _app.PostAsync("/v1/members", new TestMember { Phone = notation }.SignUpBody("이서연"));
            Assert.Equal((409, "phone_taken"), (status, body.Code()));
        }
    }

    [Fact]
    public async Task Of_many_who_join_with_one_phone_at_once_one_joins()
    {
        var kim = new TestMember { Phone = MemberApp.NewPhone() };
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? _app : bank.Busan).PostAsync("/v1/members", kim.SignUpBody()))
        );
        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(15, answers.Count(answer => answer.Body.Code() == "phone_taken"));
        var id = answers.Single(answer => answer.Status == 201).Body.GetProperty("id").GetGuid();
        Assert.Equal(1, await _database.AskAsync<long>($"SELECT count(*) FROM accounts WHERE owner_id = '{id}'"));
        Assert.Equal(
            0,
            await _database.AskAsync<long>("SELECT count(*) FROM accounts WHERE kind = 1 AND owner_id NOT IN (SELECT id FROM members)")
        );
    }

    [Fact]
    public async Task Every_wrong_field_is_named_at_once()
    {
        var (status, body) = await _app.PostAsync(
            "/v1/members",
            new
            {
                phone = "12",
                name = "a\u0007b",
                password = "short",
                pin = "12345a",
            }
        );
        Assert.Equal((400, "invalid_request"), (status, body.Code()));
        Assert.Equal(
            ["name", "password", "phone", "pin"],
            body.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal)
        );
        var (emptyStatus, empty) = await _app.PostAsync("/v1/members", new { });
        Assert.Equal((400, 4), (emptyStatus, empty.GetProperty("errors").EnumerateObject().Count()));
    }

    [Theory]
    [InlineData("{\"phone\":\"01012345678\",\"tier\":\"verified\"}", 400, "invalid_request")]
    [InlineData("{\"phone\":\"01012345678\",\"phone\":\"01012345679\"}", 400, "invalid_request")]
    [InlineData("{\"phone\":", 400, "invalid_request")]
    [InlineData("null", 400, "invalid_request")]
    [InlineData("[]", 400, "invalid_request")]
    [InlineData("{\"phone\":82}", 400, "invalid_request")]
    public async Task What_is_no_sign_up_is_refused(string json, int status, string code)
    {
        var before = await _database.AskAsync<long>("SELECT count(*) FROM members");
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/members")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        var answer = await _app.SendAsync(request);
        Assert.Equal((status, code), (answer.Status, answer.Body.Code()));
        Assert.Equal(before, await _database.AskAsync<long>("SELECT count(*) FROM members"));
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/members") { Content = new StringContent("phone=1") };
        Assert.Equal(415, (await _app.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Money_finds_a_wallet_by_phone_and_shows_a_masked_name()
    {
        var kim = await _app.JoinAsync("김민수");
        var directory = _app.Service<MemberDirectory>();
        var wallet = await directory.FindWalletByPhoneAsync(kim.Phone, MemberApp.Cancellation);
        Assert.Equal(kim.Id, wallet!.Value.MemberId);
        Assert.Equal(
            wallet.Value.AccountId,
            await _database.AskAsync<Guid>(
                string.Create(CultureInfo.InvariantCulture, $"SELECT id FROM accounts WHERE owner_id = '{kim.Id}'")
            )
        );
        Assert.Equal("김*수", await directory.FindMaskedNameAsync(kim.Id, MemberApp.Cancellation));
        Assert.Null(await directory.FindWalletByPhoneAsync(MemberApp.NewPhone(), MemberApp.Cancellation));
        Assert.Null(await directory.FindWalletByPhoneAsync("nonsense", MemberApp.Cancellation));
    }

    [Fact]
    public async Task Nothing_secret_or_personal_is_logged()
    {
        var kim = await _app.JoinAsync("Wonderwoman");
        var session = await _app.LogInAsync(kim);
        await _app.GetAsync("/v1/members/me", session);
        await _app.PostAsync("/v1/sessions", kim.LogInBody(password: "a wrong password"));
        await _app.PostAsync("/v1/sessions/refresh", new { refreshToken = session.RefreshToken });
        await _app.PostAsync("/v1/sessions/refresh", new { refreshToken = session.RefreshToken });

        Assert.NotEmpty(_app.Log.Lines);
        var secrets = new[]
        {
            kim.Phone[1..],
            "Wonderwoman",
            TestMember.Password,
            "a wrong password",
            TestMember.Pin,
            session.AccessToken,
            session.RefreshToken,
        };
        foreach (var line in _app.Log.Lines)
        {
            Assert.DoesNotContain(secrets, secret => line.Text.Contains(secret, StringComparison.Ordinal));
        }
    }
}
