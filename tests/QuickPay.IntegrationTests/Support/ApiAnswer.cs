using System.Text;
using System.Text.Json;

namespace QuickPay.IntegrationTests.Support;

/// <summary>What the API answered, down to its bytes.</summary>
public sealed class ApiAnswer
{
    private readonly ILookup<string, string> _headers;
    private readonly string _path;

    private ApiAnswer(int status, byte[] bytes, ILookup<string, string> headers, string path)
    {
        (Status, Bytes, _headers, _path) = (status, bytes, headers, path);
        Json =
            bytes.Length > 0 && ContentType.Contains("json", StringComparison.Ordinal)
                ? JsonSerializer.Deserialize<JsonElement>(bytes)
                : default;
    }

    public int Status { get; }

    public byte[] Bytes { get; }

    /// <summary>Undefined when the answer is no JSON.</summary>
    public JsonElement Json { get; }

    public string Text => Encoding.UTF8.GetString(Bytes);

    public string ContentType => Header("Content-Type") ?? "";

    public string? Code => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetString() : null;

    public bool Replayed => Header("Idempotency-Replayed") == "true";

    /// <summary>The consistency token.</summary>
    public string? Consistency => Header("QuickPay-Consistency");

    /// <summary>Seconds.</summary>
    public int? RetryAfter =>
        Header("Retry-After") is { } seconds ? int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) : null;

    public static async Task<ApiAnswer> ReadAsync(
        HttpRequestMessage request,
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var headers = response
            .Headers.Concat(response.Content.Headers)
            .SelectMany(header => header.Value.Select(value => (header.Key, value)))
            .ToLookup(header => header.Key, header => header.value, StringComparer.OrdinalIgnoreCase);
        return new ApiAnswer((int)response.StatusCode, bytes, headers, request.RequestUri!.AbsolutePath);
    }

    public string? Header(string name) => _headers[name].FirstOrDefault();

    public IEnumerable<string> Headers(string name) => _headers[name];

    public JsonElement this[string field] => Json.GetProperty(field);

    public string Word(string field) => this[field].GetString()!;

    public long Number(string field) => this[field].GetInt64();

    public Guid Id => this["id"].GetGuid();

    public ApiAnswer ShouldBe(int status)
    {
        Assert.True(Status == status, $"{status} expected, {Status} came: {Text}");
        return this;
    }

    /// <summary>A whole problem of RFC 9457 with this code; for a 400, exactly these fields are named.</summary>
    public ApiAnswer ShouldBeProblem(int status, string code, params string[] fields)
    {
        Assert.True((Status, Code) == (status, code), $"{status} {code} expected, {Status} came: {Text}");
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal("no-store", Header("Cache-Control"));
        foreach (var member in new[] { "type", "title", "detail", "traceId" })
        {
            Assert.False(string.IsNullOrWhiteSpace(Word(member)), $"{member} is missing: {Text}");
        }
        Assert.EndsWith("/" + code, Word("type"), StringComparison.Ordinal);
        Assert.Equal(status, this["status"].GetInt32());
        Assert.Equal(Uri.UnescapeDataString(_path), Word("instance"));
        var named = Json.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().Select(error => error.Name) : [];
        Assert.Equal(fields.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        return this;
    }

    /// <summary>The same to the byte, but for what names the one request: trace and path.</summary>
    public string TextWithoutTrace =>
        Json.ValueKind != JsonValueKind.Object || !Json.TryGetProperty("traceId", out var trace)
            ? Text
            : Text.Replace(trace.GetString()!, "TRACE", StringComparison.Ordinal)
                .Replace(Word("instance"), "PATH", StringComparison.Ordinal);
}
