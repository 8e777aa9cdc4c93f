using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using QuickPay.Edge.Firewall;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>Where in a request a value stands.</summary>
public enum Position
{
    /// <summary>A declared query field.</summary>
    Query,

    /// <summary>A transfer's memo.</summary>
    Memo,

    /// <summary>A new member's name.</summary>
    Name,

    /// <summary>The name of a JSON field.</summary>
    FieldName,

    /// <summary>A transfer's id in the path.</summary>
    PathId,

    UserAgent,
    Referer,
    Cookie,

    /// <summary>The Idempotency-Key.</summary>
    Key,
}

/// <summary>One request of a corpus: to be shown to the engine at once, or to be sent to a whole edge.</summary>
/// <param name="Class">The file that the value stands in, such as <c>sqli</c>.</param>
internal sealed record CorpusRequest(
    string Class,
    Position Position,
    string Value,
    string Method,
    string RawTarget,
    IReadOnlyList<(string Name, string Value)> Headers,
    string Json
)
{
    public InspectedRequest ToInspected()
    {
        var body = Encoding.UTF8.GetBytes(Json);
        List<KeyValuePair<string, StringValues>> headers = [new("Host", "localhost:8443")];
        headers.AddRange(Headers.Select(header => new KeyValuePair<string, StringValues>(header.Name, header.Value)));
        if (body.Length > 0)
        {
            headers.Add(new("Content-Type", "application/json"));
            headers.Add(new("Content-Length", $"{body.Length}"));
        }
        return new InspectedRequest
        {
            Client = IPAddress.Loopback,
            Method = Method,
            RawTarget = RawTarget,
            Protocol = "HTTP/1.1",
            Headers = headers,
            Body = body,
        };
    }

    /// <summary>For an HTTP client. It changes paths that climb; <see cref="ToInspected"/> does not.</summary>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), RawTarget);
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
        if (Json.Length > 0)
        {
            message.Content = new StringContent(Json, Encoding.UTF8, "application/json");
        }
        return message;
    }

    public override string ToString() => $"{Class} {Position} {Value}";
}

/// <summary>
/// Attacks and honest requests, made from the text files beside this one. Whatever decides about requests is held against all of them:
/// <code>
/// foreach (var request in Corpus.Attacks) … request.ToInspected() …
/// </code>
/// </summary>
internal static class Corpus
{
    private const string Id = "01980a3e-7c5b-7d21-9f44-2b6a1c0d9e8f";
    private const string Browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    private static readonly string[] Injections = ["sqli", "xss", "traversal", "command", "php", "nodejs", "java", "rfi"];

    private static readonly Position[] All = Enum.GetValues<Position>();

    /// <summary>Every attack in every position. Tools' names stand in User-Agent only: elsewhere they are words.</summary>
    public static IReadOnlyList<CorpusRequest> Attacks { get; } =
    [
        .. from name in Injections from value in Lines(name) from position in All select Place(name, position, value),
        .. from value in Lines("scanner") select Place("scanner", Position.UserAgent, value),
    ];

    /// <summary>More than a thousand requests that honest members and programs send.</summary>
    public static IReadOnlyList<CorpusRequest> Honest { get; } = [.. HonestRequests.All];

    /// <summary>The lines of a corpus file; those with # and a space are comments.</summary>
    public static IEnumerable<string> Lines(string name) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Edge", "Firewall", "Corpus", $"{name}.txt"))
            .Where(line => line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal));

    public static CorpusRequest Place(string name, Position position, string value)
    {
        var escaped = Uri.EscapeDataString(value);
        return position switch
        {
            Position.Query => Get($"/v1/accounts/{Id}/transactions?limit=20&counterparty={escaped}"),
            Position.PathId => Get($"/v1/transfers/{escaped}"),
            Position.Memo => Post("/v1/transfers", Json(Transfer(value))),
            Position.Name => Post("/v1/members", Json(SignUp(value))),
            Position.FieldName => Post("/v1/transfers", Json(new Dictionary<string, object> { [value] = 1 })),
            Position.UserAgent => Get("/v1/accounts", ("User-Agent", value)),
            Position.Referer => Get("/v1/accounts", ("Referer", value)),
            Position.Cookie => Get("/v1/accounts", ("Cookie", $"theme={value.Replace(';', ',')}")),
            Position.Key => Post("/v1/transfers", Json(Transfer("lunch")), ("Idempotency-Key", value)),
            _ => throw new ArgumentOutOfRangeException(nameof(position)),
        };

        CorpusRequest Get(string target, params (string, string)[] headers) =>
            new(name, position, value, "GET", target, Common(headers), "");

        CorpusRequest Post(string target, string json, params (string, string)[] headers) =>
            new(name, position, value, "POST", target, Common(headers), json);
    }

    /// <summary>The body of a transfer.</summary>
    public static object Transfer(string memo) =>
        new
        {
            fromAccountId = Id,
            to = new { phone = "+821012345678" },
            amount = 30_000,
            currency = "KRW",
            memo,
            pin = "314159",
        };

    /// <summary>The body of a sign-up.</summary>
    public static object SignUp(string name) =>
        new
        {
            phone = "010-1234-5678",
            name,
            password = "correct horse battery staple",
            pin = "314159",
        };

    public static string Json(object body) => JsonSerializer.Serialize(body);

    /// <summary>What every client sends, unless the request says otherwise.</summary>
    public static IReadOnlyList<(string Name, string Value)> Common(params IReadOnlyList<(string Name, string Value)> own)
    {
        (string Name, string Value)[] usual = [("User-Agent", Browser), ("Accept", "application/json")];
        return [.. usual.Where(header => own.All(other => other.Name != header.Name)), .. own];
    }
}
