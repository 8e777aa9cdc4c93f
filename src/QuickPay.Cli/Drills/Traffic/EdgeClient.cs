using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using QuickPay.Cli.Local;
using QuickPay.Ledger;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>What a member's program sends, byte for byte the same with each repeat.</summary>
/// <param name="Path">`/v1/…`.</param>
/// <param name="Body">JSON; null without one.</param>
/// <param name="Key">The idempotency key; null where there is none.</param>
internal sealed record Call(HttpMethod Method, string Path, byte[]? Body = null, string? Key = null);

/// <summary>Sends a call once. Throws nothing but the cancellation that was asked for.</summary>
/// <param name="call">What.</param>
/// <param name="preferredEdge">Any number: counted round the edges.</param>
/// <param name="accessToken">Whose session; null: nobody's.</param>
/// <param name="consistency">The newest consistency token that the member knows.</param>
/// <param name="timeout">For the answer.</param>
/// <param name="cancellationToken">Ends it at once.</param>
internal delegate Task<Attempt> Send(
    Call call,
    int preferredEdge,
    string? accessToken,
    string? consistency,
    TimeSpan timeout,
    CancellationToken cancellationToken
);

/// <summary>
/// One member's way to the edges: HTTP/2 on connections that are nobody else's, as phones have them. An edge that falls silent is noticed by
/// its pings within about four seconds, or at once when it cannot be connected to. Shared connections would not do: .NET does not ping one
/// whose streams are all taken, and a silent edge fills them.
/// </summary>
internal sealed class EdgeClient : IDisposable
{
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly MediaTypeHeaderValue s_json = new("application/json");
    private readonly X509Certificate2 _root;
    private readonly HttpMessageInvoker _http;
    private readonly Uri[] _edges;
    private readonly EdgeChoice _choice;
    private readonly TimeProvider _clock;

    /// <param name="edges">Their HTTPS addresses.</param>
    /// <param name="rootCertificate">The file of the only authority to believe.</param>
    /// <param name="clock">The time.</param>
    public EdgeClient(IReadOnlyList<string> edges, string rootCertificate, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfZero(edges.Count);
        _root = X509CertificateLoader.LoadCertificateFromFile(rootCertificate);
        _edges = [.. edges.Select(edge => new Uri(edge))];
        _choice = new EdgeChoice(_edges.Length, clock);
        _clock = clock;
        _http = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ActivityHeadersPropagator = null,
                ConnectTimeout = ConnectTimeout,
                EnableMultipleHttp2Connections = true,
                KeepAlivePingDelay = TimeSpan.FromSeconds(1),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustOnly(_root) },
            }
        );
    }

    public void Dispose()
    {
        _http.Dispose();
        _root.Dispose();
    }

    /// <inheritdoc cref="Send" />
    public async Task<Attempt> SendAsync(
        Call call,
        int preferredEdge,
        string? accessToken,
        string? consistency,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        var edge = _choice.Next(preferredEdge);
        var since = _clock.GetTimestamp();
        using var request = RequestOf(call, _edges[edge], accessToken, consistency);
        using var timer = new CancellationTokenSource(timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            using var answer = await _http.SendAsync(request, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            var attempt = AttemptOf(answer, body);
            // Behind it nothing works: names with health checks would lead members elsewhere.
            if (attempt.IsOfAnEdgeWithoutServers)
                _choice.Failed(edge);
            else
                _choice.Answered(edge);
            return attempt;
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            _choice.TimedOut(edge, since);
            return new Attempt(0, Attempt.Timeout);
        }
        catch (OperationCanceledException) when (!either.IsCancellationRequested)
        {
            // The handler's own: no connection within its time.
            _choice.Failed(edge);
            return new Attempt(0, Attempt.ConnectFailed);
        }
        catch (HttpRequestException failure)
        {
            _choice.Failed(edge);
            return new Attempt(0, WasNeverSent(failure) ? Attempt.ConnectFailed : Attempt.ConnectionLost);
        }
        catch (IOException)
        {
            _choice.Failed(edge);
            return new Attempt(0, Attempt.ConnectionLost);
        }
    }

    private static bool WasNeverSent(HttpRequestException failure) =>
        failure.HttpRequestError
            is HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError
                or HttpRequestError.NameResolutionError;

    private static HttpRequestMessage RequestOf(Call call, Uri edge, string? accessToken, string? consistency)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(edge, call.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (call.Body is not null)
            request.Content = new ByteArrayContent(call.Body) { Headers = { ContentType = s_json } };
        if (call.Key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", call.Key);
        if (accessToken is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {accessToken}");
        if (consistency is not null)
            request.Headers.TryAddWithoutValidation(ConsistencyToken.Name, consistency);
        return request;
    }

    private static Attempt AttemptOf(HttpResponseMessage answer, byte[] body)
    {
        var status = (int)answer.StatusCode;
        return new Attempt(status, answer.IsSuccessStatusCode ? "" : CodeOf(status, body))
        {
            Body = body,
            Consistency = answer.Headers.TryGetValues(ConsistencyToken.Name, out var tokens) ? tokens.First() : null,
            RetryAfter = answer.Headers.RetryAfter?.Delta ?? TimeSpan.Zero,
        };
    }

    /// <summary>The stable code of a problem; `status_502` for what is none of ours.</summary>
    internal static string CodeOf(int status, ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var json = JsonDocument.ParseValue(ref reader);
            if (
                json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("code", out var code)
                && code.ValueKind == JsonValueKind.String
            )
                return code.GetString()!;
        }
        catch (JsonException)
        {
            // Somebody else's page: the status is all there is.
        }
        return string.Create(CultureInfo.InvariantCulture, $"status_{status}");
    }
}
