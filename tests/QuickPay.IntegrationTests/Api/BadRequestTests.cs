using System.Net.Sockets;
using System.Text;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Requests that are wrong before any field is looked at: bytes, size, type, method, path.</summary>
public sealed class BadRequestTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const int BodyBytesMax = 16 * 1024;

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("\"transfer\"")]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("{\"amount\":1")]
    [InlineData("{\"amount\":}")]
    [InlineData("{\"amount\":01}", "amount")]
    [InlineData("{\"amount\":+1}", "amount")]
    [InlineData("{\"amount\":NaN}", "amount")]
    [InlineData("{\"amount\":1,}")]
    [InlineData("{amount:1}")]
    [InlineData("{'amount':1}")]
    [InlineData("{} {}")]
    [InlineData("{}garbage")]
    [InlineData("{/* a comment */}")]
    [InlineData("{\"memo\":\"a\nb\"}", "memo")]
    [InlineData("{\"memo\":\"\\x\"}", "memo")]
    [InlineData("<transfer amount='1'/>")]
    public async Task What_is_no_json_object_is_refused(string body, string? near = null)
    {
        var (kim, lee) = await CoupleAsync();
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                var answer = await kim.PostAsync("/v1/transfers", body, ApiMember.NewKey());
                answer.ShouldBe(400);
                var named = answer["errors"].EnumerateObject().Single().Name;
                Assert.Contains(named, new[] { "body", near, "amount" });
                answer.ShouldBeProblem(400, "invalid_request", named);
            }
        );
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_refused()
    {
        var (kim, lee) = await CoupleAsync();
        byte[][] wrong =
        [
            [0xff],
            [0xc3, 0x28],
            [0xed, 0xa0, 0x80], // a surrogate
            [0xc0, 0xaf], // an overlong slash
            [0xf4, 0x90, 0x80, 0x80], // past U+10FFFF
        ];
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                foreach (var bytes in wrong)
                {
                    byte[] body = [.. Encoding.UTF8.GetBytes(Fields(kim, lee)), .. ",\"memo\":\"a"u8, .. bytes, .. "\"}"u8];
                    (await kim.PostAsync("/v1/transfers", body, ApiMember.NewKey())).ShouldBeProblem(400, "invalid_request", "memo");
                }
                var utf16 = Encoding.Unicode.GetBytes(Fields(kim, lee) + "}");
                (await kim.PostAsync("/v1/transfers", utf16, ApiMember.NewKey())).ShouldBeProblem(400, "invalid_request", "body");
            }
        );
    }

    [Fact]
    public async Task Deep_and_wide_bodies_are_refused_at_once()
    {
        var (kim, lee) = await CoupleAsync();
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                (await kim.PostAsync("/v1/transfers", new string('[', 15_000), ApiMember.NewKey())).ShouldBeProblem(
                    400,
                    "invalid_request",
                    "body"
                );
                var deep = Fields(kim, lee) + ",\"memo\":" + new string('[', 7_000) + new string(']', 7_000) + "}";
                (await kim.PostAsync("/v1/transfers", deep, ApiMember.NewKey())).ShouldBeProblem(400, "invalid_request", "memo");
                var objects = string.Concat(Enumerable.Repeat("{\"to\":", 2_000)) + "1" + new string('}', 2_000);
                (await kim.PostAsync("/v1/transfers", objects, ApiMember.NewKey())).ShouldBe(400);
                var wide = Fields(kim, lee) + string.Concat(Enumerable.Range(0, 1_400).Select(i => $",\"f{i}\":1")) + "}";
                (await kim.PostAsync("/v1/transfers", wide, ApiMember.NewKey())).ShouldBeProblem(400, "invalid_request", "f0");
            }
        );
    }

    [Fact]
    public async Task A_body_over_16_KiB_is_too_large_and_one_of_16_KiB_is_not()
    {
        var (kim, lee) = await CoupleAsync();
        var whole = Fields(kim, lee) + "}";
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                var tooLarge = whole.PadRight(BodyBytesMax + 1);
                (await kim.PostAsync("/v1/transfers", tooLarge, ApiMember.NewKey())).ShouldBeProblem(413, "payload_too_large");

                // Without a length nobody knows before the end.
                var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers") { Content = new StringContent(tooLarge) };
                chunked.Content.Headers.ContentType = new("application/json");
                chunked.Headers.TransferEncodingChunked = true;
                chunked.Headers.Add("Idempotency-Key", ApiMember.NewKey());
                (await kim.SendAsync(chunked)).ShouldBeProblem(413, "payload_too_large");
            }
        );
        (await kim.PostAsync("/v1/transfers", whole.PadRight(BodyBytesMax), ApiMember.NewKey())).ShouldBe(201);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    [InlineData("application/jsonp")]
    public async Task A_body_of_another_type_is_not_read(string? contentType)
    {
        var (kim, lee) = await CoupleAsync();
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                (await kim.PostAsync("/v1/transfers", Fields(kim, lee) + "}", ApiMember.NewKey(), contentType)).ShouldBeProblem(
                    415,
                    "unsupported_media_type"
                );
                (
                    await kim.PostAsync(
                        $"/v1/accounts/{kim.AccountId}/deposits",
                        """{"amount":1,"currency":"KRW"}""",
                        ApiMember.NewKey(),
                        contentType
                    )
                ).ShouldBeProblem(415, "unsupported_media_type");
            }
        );
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("APPLICATION/JSON")]
    public async Task Json_may_say_its_charset(string contentType)
    {
        var (kim, lee) = await CoupleAsync();
        (await kim.PostAsync("/v1/transfers", Fields(kim, lee) + "}", ApiMember.NewKey(), contentType)).ShouldBe(201);
    }

    [Theory]
    [InlineData("PUT", "/v1/transfers", "POST")]
    [InlineData("GET", "/v1/transfers", "POST")]
    [InlineData("DELETE", "/v1/accounts", "GET")]
    [InlineData("POST", "/v1/members/me", "GET")]
    [InlineData("PATCH", "/v1/transfers/0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11", "GET")]
    public async Task A_method_that_is_not_there_is_told_which_ones_are(string method, string path, string allowed)
    {
        var answer = await Bank.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        answer.ShouldBeProblem(405, "method_not_allowed");
        Assert.Equal(allowed, answer.Header("Allow"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/v1")]
    [InlineData("/v1/nothing")]
    [InlineData("/v2/transfers")]
    [InlineData("/v1/transfers/a/b/c")]
    [InlineData("/.env")]
    [InlineData("/v1/accounts/../../etc/passwd")]
    [InlineData("/%EA%B0%80")]
    public async Task Where_nothing_is_nothing_is_found(string path) => (await Bank.GetAsync(path)).ShouldBe(404);

    [Fact]
    public async Task An_unknown_path_is_a_problem_like_any_other() =>
        (await Bank.GetAsync("/v1/nothing")).ShouldBeProblem(404, "not_found");

    [Fact]
    public async Task A_body_that_ends_in_the_middle_of_a_chunk_is_the_clients_mistake()
    {
        var (kim, _) = await CoupleAsync();
        var answer = await RawAsync(
            $"""
            POST /v1/transfers HTTP/1.1
            Host: bank
            Authorization: Bearer {kim.AccessToken}
            Idempotency-Key: {ApiMember.NewKey()}
            Content-Type: application/json
            Transfer-Encoding: chunked

            nonsense

            """
        );
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"invalid_request\"", answer, StringComparison.Ordinal);
    }

    /// <summary>Bytes as no HTTP client would send them; the server closes after its answer.</summary>
    private async Task<string> RawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Bank.Url.Host, Bank.Url.Port, Cancellation);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ReplaceLineEndings("\r\n")), Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }

    /// <summary>A valid transfer, still open at its end.</summary>
    private static string Fields(ApiMember from, ApiMember to) =>
        $$"""{"fromAccountId":"{{from.AccountId}}","to":{"accountId":"{{to.AccountId}}"},"amount":1,"currency":"KRW" """;
}
