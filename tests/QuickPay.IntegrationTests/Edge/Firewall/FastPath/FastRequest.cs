using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using QuickPay.Edge;
using QuickPay.Edge.Firewall;
using QuickPay.Edge.Surface;
using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>A request as the firewall meets it: routed, its body taken in, its access token verified.</summary>
/// <param name="Call">Name of the call.</param>
/// <param name="RawTarget">Path and query.</param>
/// <param name="Json">The body; empty: none.</param>
/// <param name="Headers">Beside those that every request of a member has; the same name replaces.</param>
internal sealed record FastRequest(string Call, string RawTarget, string Json, params IReadOnlyList<(string Name, string Value)> Headers)
{
    public const string Id = "01980a3e-7c5b-7d21-9f44-2b6a1c0d9e8f";
    public const string Token = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk4MGEzZSJ9.q7Yz3kXw";
    public const string Browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    public string Protocol { get; init; } = "HTTP/1.1";

    /// <summary>False: nobody has verified the token.</summary>
    public bool IsVerified { get; init; } = true;

    /// <summary>Instead of what <see cref="Json"/> is in UTF-8.</summary>
    public byte[]? Bytes { get; init; }

    public static FastRequest Send(string memo) =>
        new(
            "SendMoney",
            "/v1/transfers",
            $$"""{"fromAccountId":"{{Id}}","to":{"phone":"+821012345678"},"amount":30000,"currency":"KRW","memo":"{{memo}}"}""",
            ("Idempotency-Key", "0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11")
        );

    /// <summary>A request of the corpus, sent by a member; null when it is none of the declared calls.</summary>
    public static FastRequest? Of(CorpusRequest request)
    {
        var path = request.RawTarget.Split('?')[0].Split('/');
        var call = ApiSurface.Calls.FirstOrDefault(call =>
            call.Method == request.Method
            && call.Template.Split('/') is var template
            && template.Length == path.Length
            && template.Zip(path).All(part => part.First == part.Second || part.First.StartsWith('{'))
        );
        return call is null ? null : new FastRequest(call.Name, request.RawTarget, request.Json, request.Headers);
    }

    public (HttpContext Context, EdgeRequest Edge) Receive()
    {
        var body = Bytes ?? Encoding.UTF8.GetBytes(Json);
        var call = ApiSurface.Named(Call);
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = RawTarget;
        context.Request.Method = call.Method;
        context.Request.Protocol = Protocol;
        (string Name, string Value)[] usual =
        [
            ("Host", "localhost:8443"),
            ("User-Agent", Browser),
            ("Accept", "application/json"),
            ("Authorization", $"Bearer {Token}"),
        ];
        if (body.Length > 0)
        {
            usual = [.. usual, ("Content-Type", "application/json"), ("Content-Length", $"{body.Length}")];
        }
        foreach (var (name, value) in usual.Concat(Headers))
        {
            context.Request.Headers[name] = value;
        }
        var caller = IsVerified ? new Caller(Guid.Empty, Guid.Empty) : null;
        var edge = new EdgeRequest
        {
            Client = IPAddress.Loopback,
            Call = call,
            Caller = caller,
            Body = body,
        };
        context.Features.Set(edge);
        return (context, edge);
    }

    public InspectedRequest ToInspected()
    {
        var (context, edge) = Receive();
        return InspectedRequest.Of(context, edge);
    }

    public override string ToString() =>
        $"{Call} {RawTarget} {Json} {string.Join(' ', Headers.Select(header => $"{header.Name}: {header.Value}"))}";
}
