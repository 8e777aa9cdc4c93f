using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace QuickPay.Functions.Runtime;

/// <summary>The interface did not do what it says: nothing can be answered any more, and the process has to end.</summary>
internal sealed class RuntimeApiException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Lambda's interface for runtimes, version 2018-06-01: an event is fetched, and its answer or its error is sent back under its id.
/// </summary>
internal sealed class RuntimeApi : IDisposable
{
    private const string IdHeader = "Lambda-Runtime-Aws-Request-Id";
    private const string DeadlineHeader = "Lambda-Runtime-Deadline-Ms";
    private const string TraceHeader = "Lambda-Runtime-Trace-Id";
    private const string ErrorTypeHeader = "Lambda-Runtime-Function-Error-Type";
    private const string ErrorMediaType = "application/vnd.aws.lambda.error+json";
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);
    private readonly HttpClient _http;

    /// <param name="address"><c>host:port</c>.</param>
    public RuntimeApi(string address) =>
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://{address}/2018-06-01/runtime/"),
            // The next event may be hours away.
            Timeout = Timeout.InfiniteTimeSpan,
        };

    /// <summary>Waits for the next event.</summary>
    /// <exception cref="RuntimeApiException">There will be none, or it could not be answered.</exception>
    public async Task<Invocation> NextAsync()
    {
        try
        {
            using var response = await _http.GetAsync("invocation/next");
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new RuntimeApiException($"there is no next event: it answered {(int)response.StatusCode}.");
            }
            var deadline = long.TryParse(Header(response, DeadlineHeader), CultureInfo.InvariantCulture, out var milliseconds);
            if (Header(response, IdHeader) is not { Length: > 0 } id || !deadline)
            {
                throw new RuntimeApiException($"an event came without {IdHeader} or {DeadlineHeader}.");
            }
            return new Invocation(
                id,
                DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
                Header(response, TraceHeader),
                await response.Content.ReadAsByteArrayAsync()
            );
        }
        catch (HttpRequestException e)
        {
            throw new RuntimeApiException($"there is no next event: {e.Message}", e);
        }
    }

    /// <summary>The event is done with.</summary>
    public Task RespondAsync(string id) => PostAsync($"invocation/{id}/response", "{}"u8.ToArray(), "application/json", errorType: null);

    /// <summary>The event could not be dealt with.</summary>
    public Task FailAsync(string id, FunctionError error) => PostErrorAsync($"invocation/{id}/error", error);

    /// <summary>The program cannot begin.</summary>
    public Task FailInitAsync(FunctionError error) => PostErrorAsync("init/error", error);

    public void Dispose() => _http.Dispose();

    private Task PostErrorAsync(string path, FunctionError error) =>
        PostAsync(
            path,
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    errorMessage = error.Message,
                    errorType = error.Type,
                    stackTrace = Array.Empty<string>(),
                }
            ),
            ErrorMediaType,
            error.Type
        );

    private async Task PostAsync(string path, byte[] body, string mediaType, string? errorType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (errorType is not null)
        {
            request.Headers.Add(ErrorTypeHeader, errorType);
        }
        using var limit = new CancellationTokenSource(AnswerPatience, TimeProvider.System);
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
            if (response.StatusCode != HttpStatusCode.Accepted)
            {
                throw new RuntimeApiException($"{path} was answered {(int)response.StatusCode}.");
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            throw new RuntimeApiException($"{path} could not be delivered: {e.Message}", e);
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
