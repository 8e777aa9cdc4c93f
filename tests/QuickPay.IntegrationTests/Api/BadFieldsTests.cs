using System.Text.Json;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Bodies of transfers and deposits with a field that is wrong: it is named, and nothing moves.</summary>
public sealed class BadFieldsTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const string Ghost = "0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11";

    [Theory]
    [InlineData("amount", null)]
    [InlineData("amount", "null")]
    [InlineData("amount", "0")]
    [InlineData("amount", "-0")]
    [InlineData("amount", "-1")]
    [InlineData("amount", "-9223372036854775808")]
    [InlineData("amount", "9223372036854775808")]
    [InlineData("amount", "1e400")]
    [InlineData("amount", "1.5")]
    [InlineData("amount", "1.0")]
    [InlineData("amount", "1e3")]
    [InlineData("amount", "\"5\"")]
    [InlineData("amount", "true")]
    [InlineData("amount", "[5]")]
    [InlineData("currency", null)]
    [InlineData("currency", "null")]
    [InlineData("currency", "\"krw\"")]
    [InlineData("currency", "\"KRW \"")]
    [InlineData("currency", "\"EUR\"")]
    [InlineData("currency", "\"₩\"")]
    [InlineData("currency", "410")]
    [InlineData("fromAccountId", null)]
    [InlineData("fromAccountId", "null")]
    [InlineData("fromAccountId", "\"\"")]
    [InlineData("fromAccountId", "\"kim\"")]
    [InlineData("fromAccountId", "\"{0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11}\"")]
    [InlineData("fromAccountId", "7")]
    [InlineData("to", null)]
    [InlineData("to", "null")]
    [InlineData("to", "{}")]
    [InlineData("to", "[]")]
    [InlineData("to", "\"+821012345678\"")]
    [InlineData("to", """{"phone":"+821012345678","accountId":"0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11"}""")]
    [InlineData("to", """{"phone":"+821012345678","accountNumber":"100000000009"}""")]
    [InlineData("to", """{"accountId":"lee"}""", "to.accountId")]
    [InlineData("to", """{"accountId":5}""", "to.accountId")]
    [InlineData("to", """{"phone":""}""", "to.phone")]
    [InlineData("to", """{"phone":"01234567890123456789012345678901234567890"}""", "to.phone")]
    [InlineData("to", """{"accountNumber":""}""", "to.accountNumber")]
    [InlineData("to", """{"name":"이서연"}""", "to.name")]
    [InlineData("memo", "5")]
    [InlineData("memo", "\"a\\u0000b\"")]
    [InlineData("memo", "\"a\\u0007b\"")]
    [InlineData("memo", "\"a\\nb\"")]
    [InlineData("memo", "\"a\\u007fb\"")]
    [InlineData("memo", "\"a\\u0085b\"")]
    [InlineData("memo", "\"a\\u2028b\"")]
    [InlineData("memo", "\"\\u202egnp.exe\"")]
    [InlineData("memo", "\"\\ud800\"")]
    [InlineData("memo", "\"\\udc00\\ud800\"")]
    [InlineData("memo", "\"\\ud83d!\"")]
    [InlineData("pin", "\"12345\"")]
    [InlineData("pin", "\"1234567\"")]
    [InlineData("pin", "\"12345a\"")]
    [InlineData("pin", "\"１２３４５６\"")]
    [InlineData("pin", "493817")]
    [InlineData("hold", "\"yes\"")]
    [InlineData("hold", "1")]
    [InlineData("expiresAt", "\"2199-01-01T00:00:00Z\"")]
    [InlineData("admin", "true")]
    [InlineData("Amount", "5")]
    [InlineData("__proto__", "{}")]
    [InlineData("", "1", "body")]
    public async Task A_wrong_field_of_a_transfer_is_named(string field, string? json, string? named = null)
    {
        var (kim, lee) = await CoupleAsync();
        var body = With(TransferOf(kim, lee), field, json);
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
                (await kim.PostAsync("/v1/transfers", body, ApiMember.NewKey())).ShouldBeProblem(400, "invalid_request", named ?? field)
        );
    }

    [Theory]
    [InlineData("\"2020-01-01T00:00:00Z\"")]
    [InlineData("\"2199-01-01T00:00:00Z\"")]
    [InlineData("\"9999-12-31T23:59:59Z\"")]
    [InlineData("\"9999-12-31T23:59:59-14:00\"")]
    [InlineData("\"0001-01-01T00:00:00+14:00\"")]
    [InlineData("\"2026-13-01T00:00:00Z\"")]
    [InlineData("\"tomorrow\"")]
    [InlineData("\"\"")]
    [InlineData("1763800000")]
    public async Task A_hold_cannot_expire_at_a_time_that_is_past_far_or_none(string json)
    {
        var (kim, lee) = await CoupleAsync();
        var body = With(With(TransferOf(kim, lee), "hold", "true"), "expiresAt", json);
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
                (await kim.PostAsync("/v1/transfers", body, ApiMember.NewKey())).ShouldBeProblem(400, "invalid_request", "expiresAt")
        );
    }

    [Fact]
    public async Task A_time_without_an_offset_is_no_time()
    {
        var (kim, lee) = await CoupleAsync();
        var tomorrow = (TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(1)).ToString(
            "s",
            System.Globalization.CultureInfo.InvariantCulture
        );
        (await kim.HoldsAsync(1, lee, expiresAt: tomorrow)).ShouldBeProblem(400, "invalid_request", "expiresAt");
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once()
    {
        var (kim, _) = await CoupleAsync();
        var answer = await kim.PostAsync("/v1/transfers", """{"amount":-5,"memo":"\u0001","pin":"x","hold":false}""", ApiMember.NewKey());
        answer.ShouldBeProblem(400, "invalid_request", "amount", "currency", "fromAccountId", "memo", "pin", "to");
    }

    [Theory]
    [InlineData("""{"amount":1,"amount":1000,"currency":"KRW"}""", "amount")]
    [InlineData("""{"amount":1,"currency":"KRW","currency":"KRW"}""", "currency")]
    public async Task A_field_that_stands_there_twice_is_refused(string body, string named)
    {
        var (kim, lee) = await CoupleAsync();
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
                (await kim.PostAsync($"/v1/accounts/{kim.AccountId}/deposits", body, ApiMember.NewKey())).ShouldBeProblem(
                    400,
                    "invalid_request",
                    named
                )
        );
        var transfer =
            $$"""{"fromAccountId":"{{kim.AccountId}}","to":{"accountId":"{{Ghost}}","accountId":"{{lee.AccountId}}"},"amount":1,"currency":"KRW"}""";
        (await kim.PostAsync("/v1/transfers", transfer, ApiMember.NewKey())).ShouldBeProblem(400, "invalid_request", "to.accountId");
    }

    [Theory]
    [InlineData("amount", "0")]
    [InlineData("amount", "-1")]
    [InlineData("amount", "0.5")]
    [InlineData("amount", "\"1\"")]
    [InlineData("amount", "9223372036854775808")]
    [InlineData("amount", null)]
    [InlineData("currency", "\"KR\"")]
    [InlineData("currency", null)]
    [InlineData("memo", "\"no memo here\"")]
    public async Task A_wrong_field_of_a_deposit_is_named(string field, string? json)
    {
        var (kim, lee) = await CoupleAsync();
        var body = With("""{"amount":1000,"currency":"KRW"}""", field, json);
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
                (await kim.PostAsync($"/v1/accounts/{kim.AccountId}/deposits", body, ApiMember.NewKey())).ShouldBeProblem(
                    400,
                    "invalid_request",
                    field
                )
        );
    }

    [Theory]
    [InlineData("capture", """{"amount":0}""", "amount")]
    [InlineData("capture", """{"amount":-1}""", "amount")]
    [InlineData("capture", """{"amount":1.5}""", "amount")]
    [InlineData("capture", """{"amount":"1"}""", "amount")]
    [InlineData("capture", """{"amount":9223372036854775808}""", "amount")]
    [InlineData("capture", """{"memo":"x"}""", "memo")]
    [InlineData("cancel", """{"amount":1}""", "amount")]
    [InlineData("cancel", "[]", "body")]
    public async Task A_wrong_field_of_a_capture_or_cancel_is_named(string call, string body, string named)
    {
        var (kim, lee) = await CoupleAsync();
        var held = (await kim.HoldsAsync(1_000, lee)).ShouldBe(201);
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
                (await kim.PostAsync($"/v1/transfers/{held.Id}/{call}", body, ApiMember.NewKey())).ShouldBeProblem(
                    400,
                    "invalid_request",
                    named
                )
        );
        (await kim.CancelsAsync(held.Id)).ShouldBe(200);
    }

    private static string TransferOf(ApiMember from, ApiMember to) =>
        JsonSerializer.Serialize(
            new
            {
                fromAccountId = from.AccountId,
                to = new { accountId = to.AccountId },
                amount = 1_000,
                currency = "KRW",
            }
        );

    /// <summary>The body with this field as that JSON, or without it.</summary>
    private static string With(string body, string field, string? json)
    {
        var fields = JsonSerializer
            .Deserialize<JsonElement>(body)
            .EnumerateObject()
            .Where(old => old.Name != field)
            .Select(old => $"\"{old.Name}\":{old.Value.GetRawText()}");
        return "{" + string.Join(",", json is null ? fields : fields.Append($"\"{field}\":{json}")) + "}";
    }
}
