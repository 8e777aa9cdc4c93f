using System.Net.Http.Headers;
using System.Net.Http.Json;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>A real API server, a process of its own to be stopped, frozen and killed.</summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    private readonly HostServer _server;
    private readonly HttpClient _http;

    private ApiProcess(HostServer server) =>
        (_server, _http) = (server, new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromSeconds(30) });

    public static async Task<ApiProcess> StartAsync(TestServers servers, TestDatabase database)
    {
        var settings = database.ApiSettings($"http://127.0.0.1:{Ports.FreeFrom(null)}", $"http://127.0.0.1:{Ports.FreeFrom(null)}");
        var server = new HostServer($"api-of-{database.Name}", "api", "QuickPay.Api", settings, servers.Shared.Data, TimeProvider.System);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new ApiProcess(server);
    }

    public void Freeze() => Assert.True(_server.Process!.TrySignal(Signal.Stop));

    public void Thaw() => Assert.True(_server.Process!.TrySignal(Signal.Continue));

    public Task KillAsync() => _server.KillAsync();

    public Task StartAgainAsync() => _server.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>Sends one won; null if no answer came.</summary>
    public async Task<ApiAnswer?> TrySendAsync(ApiMember from, ApiMember to, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers") { Content = JsonContent.Create(from.Transfer(1, to)) };
        request.Headers.Add("Idempotency-Key", key);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", from.AccessToken);
        try
        {
            using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            return await ApiAnswer.ReadAsync(request, response, TestContext.Current.CancellationToken);
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or TaskCanceledException)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.StopAsync();
    }
}
