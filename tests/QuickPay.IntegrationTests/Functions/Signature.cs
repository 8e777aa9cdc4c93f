using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>Whose a request claims to be.</summary>
internal sealed record AccessKey(string Id, string Secret, string Token);

/// <summary>Version 4 signatures from the checking side, by their published description.</summary>
internal static partial class Signature
{
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(5);

    /// <returns>Null when it is right.</returns>
    public static string? WhyWrong(HttpRequest request, byte[] body, AccessKey key, string region, string service)
    {
        var match = Authorization().Match(request.Headers.Authorization.ToString());
        if (!match.Success)
        {
            return "it is not signed";
        }
        var time = request.Headers["X-Amz-Date"].ToString();
        if (
            !DateTimeOffset.TryParseExact(
                time,
                "yyyyMMdd'T'HHmmss'Z'",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var signedAt
            )
            || (TimeProvider.System.GetUtcNow() - signedAt).Duration() > AgeMax
        )
        {
            return $"its time is {time}";
        }
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var names = match.Groups["headers"].Value.Split(';');
        var missing = new[] { "host", "content-type", "x-amz-date", "x-amz-target", "x-amz-security-token" }.Except(names).ToList();
        if (
            match.Groups["credential"].Value != $"{key.Id}/{scope}"
            || missing.Count > 0
            || request.Headers["X-Amz-Security-Token"] != key.Token
        )
        {
            return $"it is signed for {match.Groups["credential"].Value}, without {string.Join(", ", missing)}";
        }
        var expected = Of(
            request.Method,
            request.Path,
            request.QueryString.Value!.TrimStart('?'),
            [.. names.Select(name => (name, request.Headers[name].ToString()))],
            body,
            time,
            scope,
            key.Secret
        );
        return expected == match.Groups["signature"].Value ? null : "its signature is another one";
    }

    /// <param name="query">Sorted and escaped.</param>
    /// <param name="headers">Lower case, sorted.</param>
    /// <param name="scope">Day, region, service and <c>aws4_request</c>.</param>
    public static string Of(
        string method,
        string path,
        string query,
        (string Name, string Value)[] headers,
        byte[] body,
        string time,
        string scope,
        string secret
    )
    {
        var canonical = string.Join(
            '\n',
            method,
            path,
            query,
            string.Concat(headers.Select(header => $"{header.Name}:{header.Value.Trim()}\n")),
            string.Join(';', headers.Select(header => header.Name)),
            Convert.ToHexStringLower(SHA256.HashData(body))
        );
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes($"AWS4{secret}"), Keyed);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        return Convert.ToHexStringLower(Keyed(key, $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}"));
    }

    private static byte[] Keyed(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    [GeneratedRegex(
        "^AWS4-HMAC-SHA256 Credential=(?<credential>[^,]+), SignedHeaders=(?<headers>[^,]+), Signature=(?<signature>[0-9a-f]{64})$"
    )]
    private static partial Regex Authorization();
}
