using System.Net;
using System.Text.RegularExpressions;
using QuickPay.Edge.Http;
using QuickPay.Edge.Surface;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>An edge whose one server keeps what it gets; and what all of that must look like.</summary>
public sealed partial class RecordedEdge : IAsyncLifetime
{
    private const string Canary = "/v1/transfers/canary-";

    // What frames a message, switches its protocol or speaks for the edge; none of it is a client's to say to an API server.
    private static readonly string[] NeverPassed =
    [
        "Transfer-Encoding",
        "Connection",
        "Keep-Alive",
        "Upgrade",
        "HTTP2-Settings",
        "Expect",
        "TE",
        "Trailer",
        "Forwarded",
        "X-Real-IP",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "Request-Id",
        "tracestate",
        "baggage",
    ];

    private readonly RecordingServer _server = new();
    private int _canaries;

    internal EdgeUnderTest Edge { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Edge = await
        // Each test opens connections by the hundred, all from one address.
        EdgeUnderTest.StartAsync([], _server.Setting, ("Connections:NewPerSecondPerAddress", "10000"));

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>What has reached the server, after showing that another connection is served still; and forgets it.</summary>
    internal async Task<IReadOnlyList<RecordedRequest>> TakeAsync(int atLeast = 0)
    {
        var path = Canary + ++_canaries;
        // From an address of its own: what the others have used up is theirs.
        await using (var other = await RawConnection.OpenAsync(Edge, IPAddress.Parse("127.7.7.7")))
        {
            var answer = await other.AskAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(200, answer?.Status);
        }
        await Eventually.IsTrueAsync(() => _server.Requests.Count > atLeast, $"{atLeast} requests and the canary reach the server");
        var requests = _server.Requests.Where(request => request.Target != $"GET {path}").ToList();
        _server.Forget();
        return requests;
    }

    /// <summary>One declared call, said in one way only.</summary>
    internal static void ShouldBeWellFormed(RecordedRequest request)
    {
        var call = ApiSurface.Calls.FirstOrDefault(call =>
            request.Target.StartsWith(call.Method + " ", StringComparison.Ordinal)
            && StrictPath.Is(request.Target[(call.Method.Length + 1)..].Split('?')[0], call)
        );
        Assert.True(call is not null, $"{request.Line} is no declared call.");
        Assert.All(request.Lines[1..], line => Assert.Matches(HeaderLine(), line));
        Assert.Single(request.Values("Host"));
        Assert.Single(request.Values("X-Forwarded-For"));
        Assert.All(NeverPassed, header => Assert.Empty(request.Values(header)));
        var id = Assert.Single(request.Values("X-Request-Id"));
        Assert.StartsWith($"00-{id}-", Assert.Single(request.Values("traceparent")));
        if (call.HasBody)
        {
            Assert.Equal($"{request.Body.Length}", Assert.Single(request.Values("Content-Length")));
            Assert.True(request.Body.Length == 0 || JsonBody.IsWellFormed(request.Body), "The body is no JSON document.");
        }
        else
        {
            // Said, so that nothing on the way takes it for a request that may be sent again unasked.
            Assert.Equal("0", Assert.Single(request.Values("Content-Length")));
            Assert.Empty(request.Body);
        }
    }

    [GeneratedRegex("^[!#$%&'*+.^_`|~0-9A-Za-z-]+: [ -~]*$")]
    private static partial Regex HeaderLine();
}
