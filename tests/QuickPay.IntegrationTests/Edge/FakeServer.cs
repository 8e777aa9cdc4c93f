using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace QuickPay.IntegrationTests.Edge;

/// <summary>
/// A server behind the edge that does what a test says: it stands for the API where the test is about the edge alone. It is ready
/// until <see cref="IsReady"/> says otherwise, and counts what reached it beside the probes.
/// </summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;
    private int _probes;

    private FakeServer(string id, WebApplication app) => (Id, _app) = (id, app);

    public string Id { get; }

    public string Address => _app.Urls.First();

    public bool IsReady { get; set; } = true;

    /// <summary>Takes probes and does not answer them.</summary>
    public bool IsSilent { get; set; }

    /// <summary>How many requests came, without the probes.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How many probes came.</summary>
    public int Probes => Volatile.Read(ref _probes);

    /// <param name="answer">What becomes of a request; without it, 200 and the server's id.</param>
    /// <param name="port">To come back where another one stood; 0: any.</param>
    /// <param name="tls">The certificate that it shows to each connection; without it, it speaks no TLS.</param>
    /// <param name="host">The loopback address that it listens at.</param>
    public static async Task<FakeServer> StartAsync(
        RequestDelegate? answer = null,
        string id = "api-1",
        int port = 0,
        Func<X509Certificate2>? tls = null,
        string host = "127.0.0.1"
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"{(tls is null ? "http" : "https")}://{host}:{port}");
        if (tls is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.ConfigureKestrel(server =>
                server.ConfigureHttpsDefaults(https => https.ServerCertificateSelector = (_, _) => tls())
            );
        }
        var app = builder.Build();
        var server = new FakeServer(id, app);
        app.Run(context =>
        {
            if (context.Request.Path == "/health/ready")
            {
                Interlocked.Increment(ref server._probes);
                context.Response.StatusCode = server.IsReady ? 200 : 503;
                return server.IsSilent ? new TaskCompletionSource().Task.WaitAsync(context.RequestAborted) : Task.CompletedTask;
            }
            Interlocked.Increment(ref server._requests);
            return answer is null ? context.Response.WriteAsync(id) : answer(context);
        });
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
