using System.Net;
using System.Net.Http.Json;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>A member's program at an edge, for tests that look at which server answers it and how.</summary>
internal sealed class BalancedClient(EdgeUnderTest edge, Version? version = null, IPAddress? from = null) : IDisposable
{
    private readonly HttpClient _http = edge.Client(from, version);

    public void Dispose() => _http.Dispose();

    /// <summary>A request that its sender gives up when told so.</summary>
    public async Task GetUntilAsync(CancellationToken leaves)
    {
        try
        {
            (await _http.GetAsync("/v1/accounts", leaves)).Dispose();
        }
        catch (OperationCanceledException) when (leaves.IsCancellationRequested)
        {
            // As it was told.
        }
    }

    public Task<ApiAnswer> GetAsync(string path = "/v1/accounts", params IEnumerable<(string Name, string Value)> headers) =>
        SendAsync(HttpMethod.Get, path, false, headers);

    public Task<ApiAnswer> PostAsync(string path = "/v1/transfers", string? key = null) =>
        SendAsync(HttpMethod.Post, path, true, key is null ? [] : [("Idempotency-Key", key)]);

    public Task<ApiAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, false, []);

    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, bool body, IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Version = version ?? HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body ? JsonContent.Create(new { amount = 30_000 }) : null,
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return await ApiAnswer.ReadAsync(request, response, TestContext.Current.CancellationToken);
    }
}
