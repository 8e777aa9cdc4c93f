using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace QuickPay.IntegrationTests.Support;

/// <summary>A balance as the API shows it.</summary>
public sealed record ApiBalance(long Balance, long Available, long Held, long Version);

/// <summary>A member of an <see cref="ApiBank"/> with a phone that is logged in.</summary>
public sealed class ApiMember
{
    public const string Password = "correct horse battery";
    public const string Pin = "493817";
    private static long s_keys;

    private ApiMember(ApiBank bank, string phone) => (Bank, Phone) = (bank, phone);

    public ApiBank Bank { get; }

    public string Phone { get; }

    public Guid Id { get; private set; }

    public Guid AccountId { get; private set; }

    public string AccountNumber { get; private set; } = "";

    public Guid SessionId { get; private set; }

    public string AccessToken { get; private set; } = "";

    /// <summary>A new idempotency key.</summary>
    public static string NewKey() => $"key-{Interlocked.Increment(ref s_keys)}";

    internal static async Task<ApiMember> JoinAsync(ApiBank bank, string name)
    {
        var member = new ApiMember(bank, ApiBank.NewPhone());
        var joined = await member.PostAsync(
            "/v1/members",
            new
            {
                phone = member.Phone,
                name,
                password = Password,
                pin = Pin,
            }
        );
        member.Id = joined.ShouldBe(201).Id;
        await member.LogsInAsync();
        var account = (await member.GetAsync("/v1/accounts"))["items"][0];
        member.AccountId = account.GetProperty("id").GetGuid();
        member.AccountNumber = account.GetProperty("number").GetString()!;
        return member;
    }

    /// <summary>The same member and session, calling another API server.</summary>
    public ApiMember Through(ApiBank bank) =>
        new(bank, Phone)
        {
            Id = Id,
            AccountId = AccountId,
            AccountNumber = AccountNumber,
            SessionId = SessionId,
            AccessToken = AccessToken,
        };

    /// <summary>A new session, which this member's next calls use.</summary>
    public async Task<ApiAnswer> LogsInAsync()
    {
        var tokens = await PostAsync("/v1/sessions", new { phone = Phone, password = Password });
        AccessToken = tokens.ShouldBe(201).Word("accessToken");
        SessionId = tokens["sessionId"].GetGuid();
        return tokens;
    }

    public Task<ApiAnswer> DepositsAsync(long amount, string? key = null) =>
        PostAsync($"/v1/accounts/{AccountId}/deposits", new { amount, currency = "KRW" }, key ?? NewKey());

    public Task<ApiAnswer> SendsAsync(long amount, ApiMember to, string? key = null, string? memo = null, string? pin = null) =>
        PostAsync("/v1/transfers", Transfer(amount, to, memo, pin), key ?? NewKey());

    public Task<ApiAnswer> HoldsAsync(long amount, ApiMember to, string? key = null, string? expiresAt = null) =>
        PostAsync(
            "/v1/transfers",
            new
            {
                fromAccountId = AccountId,
                to = new { accountId = to.AccountId },
                amount,
                currency = "KRW",
                hold = true,
                expiresAt,
            },
            key ?? NewKey()
        );

    public Task<ApiAnswer> CapturesAsync(Guid transfer, long? amount = null, string? key = null) =>
        PostAsync($"/v1/transfers/{transfer}/capture", amount is null ? null : new { amount }, key ?? NewKey());

    public Task<ApiAnswer> CancelsAsync(Guid transfer, string? key = null) =>
        PostAsync($"/v1/transfers/{transfer}/cancel", null, key ?? NewKey());

    public Task<ApiAnswer> LooksUpAsync(Guid transfer) => GetAsync($"/v1/transfers/{transfer}");

    /// <param name="query">With its question mark.</param>
    public Task<ApiAnswer> ReadsHistoryAsync(string query = "") => GetAsync($"/v1/accounts/{AccountId}/transactions{query}");

    public async Task<ApiBalance> BalanceAsync()
    {
        var answer = (await GetAsync($"/v1/accounts/{AccountId}/balance")).ShouldBe(200);
        return new ApiBalance(answer.Number("balance"), answer.Number("available"), answer.Number("held"), answer.Number("version"));
    }

    /// <summary>The body of a transfer to another member's wallet.</summary>
    public object Transfer(long amount, ApiMember to, string? memo = null, string? pin = null) =>
        new
        {
            fromAccountId = AccountId,
            to = new { accountId = to.AccountId },
            amount,
            currency = "KRW",
            memo,
            pin,
        };

    /// <summary>A transfer, ready to be sent to any API server of this bank.</summary>
    public HttpRequestMessage NewTransfer(long amount, ApiMember to)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers") { Content = JsonContent.Create(Transfer(amount, to)) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
        request.Headers.Add("Idempotency-Key", NewKey());
        return request;
    }

    public Task<ApiAnswer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<ApiAnswer> DeleteAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    /// <param name="path">From the root.</param>
    /// <param name="body">A text or bytes go as they are, everything else as JSON; null is no body at all.</param>
    /// <param name="key">The idempotency key; null sends none.</param>
    /// <param name="contentType">Of the body.</param>
    public Task<ApiAnswer> PostAsync(string path, object? body, string? key = null, string? contentType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(
                body switch
                {
                    byte[] bytes => bytes,
                    string text => Encoding.UTF8.GetBytes(text),
                    _ => JsonSerializer.SerializeToUtf8Bytes(body),
                }
            );
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        }
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }
        return SendAsync(request);
    }

    public Task<ApiAnswer> SendAsync(HttpRequestMessage request)
    {
        if (AccessToken.Length > 0 && request.Headers.Authorization is null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
        }
        return Bank.SendAsync(request);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Phone} ({AccountId})");
}
