using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using QuickPay.IntegrationTests.Support;
using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Who is let in: every call of a member needs a token that is ours, fresh, and whose session lives.</summary>
public sealed class TokenTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private static readonly string[] Open =
    [
        "POST /v1/members",
        "POST /v1/sessions",
        "POST /v1/sessions/refresh",
        "POST /v1/operator/sessions",
        "GET /.well-known/jwks.json",
        "GET /health/live",
        "GET /health/ready",
        // No call of members: the edge has none of this name.
        "GET /counters",
        "GET /openapi/{documentName}.json",
    ];

    [Fact]
    public async Task Every_call_but_a_few_needs_a_session()
    {
        var calls = Bank.Service<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint =>
                (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method =>
                    (Method: method, Path: "/" + endpoint.RoutePattern.RawText!.Trim('/'))
                )
            )
            .Where(call => !call.Path.StartsWith("/docs", StringComparison.Ordinal) && !Open.Contains($"{call.Method} {call.Path}"))
            .ToList();
        Assert.True(calls.Count >= 12, $"Only {calls.Count} calls were found.");
        foreach (var (method, path) in calls)
        {
            var request = new HttpRequestMessage(
                new HttpMethod(method),
                path.Replace("{id}", Guid.Empty.ToString(), StringComparison.Ordinal)
            );
            var answer = (await Bank.SendAsync(request)).ShouldBeProblem(401, "unauthenticated");
            Assert.Equal("Bearer", answer.Header("WWW-Authenticate"));
        }
    }

    [Fact]
    public async Task A_valid_token_is_let_in_and_anything_else_is_not()
    {
        var (kim, lee) = await CoupleAsync();
        var tokens = (await kim.LogsInAsync()).ShouldBe(201);
        var parts = kim.AccessToken.Split('.');
        (string What, string Token)[] wrong =
        [
            ("expired", Issue(kim, -TimeSpan.FromMinutes(16))),
            ("from the future", Issue(kim, TimeSpan.FromMinutes(1))),
            ("of another issuer", Issue(kim, issuer: "https://elsewhere.example")),
            ("for another audience", Issue(kim, audience: "another")),
            ("changed", $"{parts[0]}.{Change(parts[1], kim.Id, lee.Id)}.{parts[2]}"),
            ("unsigned", $"{parts[0]}.{parts[1]}."),
            ("cut", kim.AccessToken[..^1]),
            ("algorithm none", $"{Header(parts[0], "none")}.{parts[1]}."),
            ("algorithm none with a signature", $"{Header(parts[0], "none")}.{parts[1]}.{parts[2]}"),
            ("HS256 with the public key", Hmac(Header(parts[0], "HS256"), parts[1])),
            ("ES256 with another key", Sign(parts[0], parts[1])),
            ("a refresh token", tokens.Word("refreshToken")),
            ("long", kim.AccessToken + new string('x', 5_000)),
            ("empty", ""),
        ];
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                foreach (var (what, token) in wrong)
                {
                    var answer = await SendAsync(kim, lee, "Bearer " + token);
                    Assert.True(answer.Code == "unauthenticated", $"A token that is {what}: {answer.Text}");
                    answer.ShouldBeProblem(401, "unauthenticated");
                }
                (await SendAsync(kim, lee, "Basic " + kim.AccessToken)).ShouldBeProblem(401, "unauthenticated");
                (await SendAsync(kim, lee, kim.AccessToken)).ShouldBeProblem(401, "unauthenticated");
                (await SendAsync(kim, lee, $"Bearer {kim.AccessToken}", $"Bearer {lee.AccessToken}")).ShouldBeProblem(
                    401,
                    "unauthenticated"
                );
            }
        );
        (await SendAsync(kim, lee, "Bearer " + kim.AccessToken)).ShouldBe(201);
        (await SendAsync(kim, lee, "Bearer " + Issue(kim))).ShouldBe(201);
    }

    [Fact]
    public async Task A_session_that_was_logged_out_pays_nothing_any_more_while_the_others_do()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        var phone = kim.Through(Bank);
        await kim.LogsInAsync();
        (await kim.DeleteAsync($"/v1/sessions/{phone.SessionId}")).ShouldBe(204);

        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                (await phone.SendsAsync(1_000, to: lee)).ShouldBeProblem(401, "session_revoked");
                (await phone.GetAsync($"/v1/accounts/{kim.AccountId}/balance")).ShouldBeProblem(401, "session_revoked");
            }
        );
        (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
    }

    [Fact]
    public async Task A_token_for_a_session_of_somebody_else_is_refused()
    {
        var (kim, lee) = await CoupleAsync();
        var stolen = Bank.Service<AccessTokens>().Issue(new Caller(lee.Id, kim.SessionId));
        (await SendAsync(kim, lee, "Bearer " + stolen)).ShouldBeProblem(401, "session_revoked");
    }

    /// <summary>Signed with the bank's own key.</summary>
    private string Issue(ApiMember member, TimeSpan when = default, string? issuer = null, string? audience = null)
    {
        var own = Bank.Service<IOptions<TokenOptions>>().Value;
        var options = new TokenOptions
        {
            SigningKeyFile = own.SigningKeyFile,
            Issuer = issuer ?? own.Issuer,
            Audience = audience ?? own.Audience,
        };
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + when);
        return new AccessTokens(Options.Create(options), Bank.Service<SigningKeys>(), time).Issue(new Caller(member.Id, member.SessionId));
    }

    private string Hmac(string header, string claims)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Bank.Service<IOptions<TokenOptions>>().Value.SigningKeyFile));
        var mac = HMACSHA256.HashData(
            Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()),
            Encoding.ASCII.GetBytes($"{header}.{claims}")
        );
        return $"{header}.{claims}.{Base64Url.EncodeToString(mac)}";
    }

    private static string Sign(string header, string claims)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = other.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Header(string header, string algorithm)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, string>>(Base64Url.DecodeFromChars(header))!;
        fields["alg"] = algorithm;
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(fields));
    }

    private static string Change(string claims, Guid from, Guid to) =>
        Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(Base64Url.DecodeFromChars(claims)).Replace(from.ToString(), to.ToString(), StringComparison.Ordinal)
            )
        );

    private Task<ApiAnswer> SendAsync(ApiMember from, ApiMember to, params string[] authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers")
        {
            Content = System.Net.Http.Json.JsonContent.Create(from.Transfer(1, to)),
        };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.Add("Idempotency-Key", ApiMember.NewKey());
        return Bank.SendAsync(request);
    }
}
