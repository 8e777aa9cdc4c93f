using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Lab;

/// <summary>Somebody outside: comes to the edge by HTTPS and believes our authority alone.</summary>
internal sealed class OutsideClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly X509Certificate2 _root;
    private readonly HttpClient _http;

    public OutsideClient(LocalStack stack)
    {
        _root = X509CertificateLoader.LoadCertificateFromFile(stack.Servers.Data.RootCertificate);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustOnly(_root) },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri(stack.EdgeUrls[0]), Timeout = Patience };
    }

    /// <summary>From here on every request carries it.</summary>
    public string AccessToken
    {
        set => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", value);
    }

    public Task<HttpResponseMessage> GetAsync(string url, CancellationToken cancellationToken) => _http.GetAsync(url, cancellationToken);

    /// <summary>Sends what the edge should refuse and returns how it did; ends the step when it did otherwise.</summary>
    public async Task<string> RefusedAsync(HttpRequestMessage request, int status, string code, CancellationToken cancellationToken)
    {
        using var answer = await _http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var what = $"{request.RequestUri}: {(int)answer.StatusCode}";
        LabReport.Require((int)answer.StatusCode == status, $"{what}, not {status}: {text}");
        LabReport.Require((string?)JsonNode.Parse(text)?["code"] == code, $"{what}, not {code}: {text}");
        return $"{what} {code}";
    }

    /// <summary>Posts JSON, with a key when there is one. Ends the step when the answer is no success.</summary>
    public async Task<LabAnswer> PostAsync(string path, object body, string? key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await _http.SendAsync(request, cancellationToken);
        return await LabAnswer.ReadAsync(answer, cancellationToken);
    }

    /// <summary>Reads JSON. Ends the step when the answer is no success.</summary>
    public async Task<JsonNode> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(path, cancellationToken);
        return (await LabAnswer.ReadAsync(answer, cancellationToken)).Json;
    }

    public void Dispose()
    {
        _http.Dispose();
        _root.Dispose();
    }
}

/// <summary>An answer to somebody outside.</summary>
internal sealed record LabAnswer(int Status, string? RequestId, bool IsReplay, JsonNode Json)
{
    public static async Task<LabAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        LabReport.Require(
            answer.IsSuccessStatusCode,
            $"{answer.RequestMessage?.RequestUri?.AbsolutePath}: {(int)answer.StatusCode} {text}"
        );
        var id = answer.Headers.TryGetValues("X-Request-Id", out var ids) ? string.Join(',', ids) : null;
        return new LabAnswer((int)answer.StatusCode, id, answer.Headers.Contains("Idempotency-Replayed"), JsonNode.Parse(text)!);
    }
}
