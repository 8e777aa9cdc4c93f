using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>
/// What RDS does when a member of <c>rds_iam</c> logs in: it takes a token and asks IAM whether whoever signed it may. Here PostgreSQL asks by LDAP,
/// which is the one way it has that hands on passwords of a token's length (<see cref="RdsDatabase"/> tells it to).
/// </summary>
internal sealed class FakeRds : IAsyncDisposable
{
    /// <summary>In front of the role in what PostgreSQL asks.</summary>
    public const string Prefix = "cn=";
    private const int InvalidCredentials = 49;
    private const string Service = "rds-db";
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(15);
    private static readonly Asn1Tag Bind = new(TagClass.Application, 0);
    private static readonly Asn1Tag BindResponse = new(TagClass.Application, 1);
    private static readonly Asn1Tag Simple = new(TagClass.ContextSpecific, 0);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<(string Role, string? WhyNot)> _asked = [];
    private readonly Task _accepting;

    /// <param name="server">Its <c>host:port</c>, for which tokens must be.</param>
    /// <param name="mayLogIn">Roles that the function's rights name.</param>
    public FakeRds(string server, params string[] mayLogIn)
    {
        (Server, MayLogIn) = (server, [.. mayLogIn]);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public HashSet<string> MayLogIn { get; }

    private string Server { get; }

    /// <summary>Who was asked about so far, and why some were refused.</summary>
    public IReadOnlyCollection<(string Role, string? WhyNot)> Asked => _asked;

    /// <summary>As somebody else signs one, who has these rights too.</summary>
    public string TokenFor(string role)
    {
        var time = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{FakeSecrets.Region}/{Service}/aws4_request";
        var query = string.Join(
            '&',
            "Action=connect",
            $"DBUser={role}",
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            $"X-Amz-Credential={Uri.EscapeDataString($"{FakeSecrets.Key.Id}/{scope}")}",
            $"X-Amz-Date={time}",
            "X-Amz-Expires=900",
            $"X-Amz-Security-Token={Uri.EscapeDataString(FakeSecrets.Key.Token)}",
            "X-Amz-SignedHeaders=host"
        );
        return $"{Server}/?{query}&X-Amz-Signature={Sign(Server, query, time, scope, FakeSecrets.Key.Secret)}";
    }

    /// <summary>A token's signature, of its query without that.</summary>
    public static string Sign(string server, string query, string time, string scope, string secret) =>
        Signature.Of("GET", "/", query, [("host", server)], [], time, scope, secret);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            // After the question it says good-bye.
            if (ReadBind(await ReadMessageAsync(stream)) is var (id, role, token))
            {
                var whyNot = WhyNot(role, token);
                _asked.Enqueue((role, whyNot));
                await stream.WriteAsync(Response(id, whyNot is null ? 0 : InvalidCredentials));
                await ReadMessageAsync(stream);
            }
        }
    }

    private string? WhyNot(string role, string token)
    {
        var parts = token.Split("/?", 2);
        if (parts.Length < 2 || parts[0] != Server)
        {
            return $"it is none for {Server}";
        }
        var parameters = parts[1].Split('&').Select(parameter => parameter.Split('=', 2)).ToList();
        var values = parameters.ToDictionary(parameter => parameter[0], parameter => Uri.UnescapeDataString(parameter[^1]));
        string Value(string name) => values.GetValueOrDefault(name, "");
        var time = Value("X-Amz-Date");
        if (
            !DateTimeOffset.TryParseExact(
                time,
                "yyyyMMdd'T'HHmmss'Z'",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var signedAt
            )
            || (TimeProvider.System.GetUtcNow() - signedAt).Duration() > AgeMax
        )
        {
            return $"its time is {time}";
        }
        var scope = $"{time[..8]}/{FakeSecrets.Region}/{Service}/aws4_request";
        var canonical = string.Join(
            '&',
            parameters
                .Where(parameter => parameter[0] != "X-Amz-Signature")
                .Select(parameter => string.Join('=', parameter))
                .Order(StringComparer.Ordinal)
        );
        return (Value("Action"), Value("X-Amz-Expires"), Value("X-Amz-SignedHeaders")) != ("connect", "900", "host")
                ? "it asks for something else"
            : Value("X-Amz-Credential") != $"{FakeSecrets.Key.Id}/{scope}" || Value("X-Amz-Security-Token") != FakeSecrets.Key.Token
                ? "nobody knows who signed it"
            : Value("X-Amz-Signature") != Sign(Server, canonical, time, scope, FakeSecrets.Key.Secret) ? "its signature is another one"
            : Value("DBUser") != role ? $"it is {Value("DBUser")}'s"
            : MayLogIn.Contains(role) ? null
            : "its signer may not log in as that";
    }

    private static (int Id, string Role, string Token)? ReadBind(byte[] message)
    {
        if (message.Length == 0)
        {
            return null;
        }
        var content = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
        var id = (int)content.ReadInteger();
        var bind = content.ReadSequence(Bind);
        bind.ReadInteger();
        return (
            id,
            Encoding.UTF8.GetString(bind.ReadOctetString())[Prefix.Length..],
            Encoding.UTF8.GetString(bind.ReadOctetString(Simple))
        );
    }

    private static byte[] Response(int id, int result)
    {
        var message = new AsnWriter(AsnEncodingRules.BER);
        using (message.PushSequence())
        {
            message.WriteInteger(id);
            using (message.PushSequence(BindResponse))
            {
                message.WriteEncodedValue([0x0a, 1, (byte)result]);
                message.WriteOctetString([]);
                message.WriteOctetString([]);
            }
        }
        return message.Encode();
    }

    /// <returns>Nothing at its end.</returns>
    private static async Task<byte[]> ReadMessageAsync(NetworkStream stream)
    {
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false) < 2)
        {
            return [];
        }
        var more = new byte[head[1] < 0x80 ? 0 : head[1] & 0x7f];
        await stream.ReadExactlyAsync(more);
        var content = new byte[more.Length == 0 ? head[1] : more.Aggregate(0, (length, next) => (length << 8) + next)];
        await stream.ReadExactlyAsync(content);
        return [.. head, .. more, .. content];
    }
}
