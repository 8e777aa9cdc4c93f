using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>A service of AWS on loopback, as far as its contract is written down; what breaks it is kept, and told to who did.</summary>
internal abstract class LoopbackApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _violations = [];

    protected LoopbackApp()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Address => new(_app.Urls.First());

    public void ShouldHaveBeenUsedRight() => Assert.Empty(_violations);

    public virtual ValueTask DisposeAsync() => _app.DisposeAsync();

    protected Task StartAsync() => _app.StartAsync();

    protected abstract Task AnswerAsync(HttpContext context);

    /// <summary>The caller did what the contract does not allow.</summary>
    protected Task ViolatedAsync(HttpContext context, string what, int status = 400)
    {
        _violations.Enqueue($"{context.Request.Method} {context.Request.Path}: {what}");
        return WriteAsync(context, status, new { Message = what });
    }

    protected static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    protected static Task WriteAsync(HttpContext context, int status, object body, string mediaType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType;
        return context.Response.WriteAsync(JsonSerializer.Serialize(body), CancellationToken.None);
    }
}
