using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace QuickPay.Edge.Balancing;

/// <summary>An API server, as whoever starts and stops servers writes it down.</summary>
/// <param name="Id">Its name in logs and metrics: 1 to 64 letters, digits, dots, hyphens and underscores.</param>
/// <param name="Address">Scheme, host and port, such as <c>http://10.0.1.7:8081</c>.</param>
internal sealed record ApiServer(string? Id, string? Address);

/// <summary>
/// The list of API servers: <c>{"servers": [{"id": "api-1", "address": "http://127.0.0.1:8081"}]}</c>. An empty list is one of no servers.
/// What it may not contain is refused as a whole, since half a list would send all traffic to half of the servers.
/// </summary>
internal sealed partial record ServersFile(IReadOnlyList<ApiServer?>? Servers)
{
    private const int ServersMax = 100;
    private const long BytesMax = 256 * 1024;

    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Disallow,
        // Of two lists the last would win, in silence.
        AllowDuplicateProperties = false,
    };

    /// <exception cref="InvalidDataException">With everything that is wrong with the list.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<ApiServer> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return file.Length > BytesMax ? throw new InvalidDataException($"It is larger than {BytesMax} bytes.") : Parse(file);
    }

    /// <inheritdoc cref="Read" />
    internal static IReadOnlyList<ApiServer> Parse(Stream json)
    {
        ServersFile? file;
        try
        {
            file = JsonSerializer.Deserialize<ServersFile>(json, Reading);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"It is not the JSON that it should be: {e.Message}", e);
        }
        if (file?.Servers is not { } servers)
        {
            throw new InvalidDataException("It has no list `servers`.");
        }
        var wrong = WrongWith(servers).ToList();
        return wrong.Count == 0 ? [.. servers.OfType<ApiServer>()] : throw new InvalidDataException(string.Join(' ', wrong));
    }

    private static IEnumerable<string> WrongWith(IReadOnlyList<ApiServer?> servers)
    {
        if (servers.Count > ServersMax)
        {
            yield return $"It has {servers.Count} servers; {ServersMax} are the most.";
            yield break;
        }
        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, server) in servers.Index())
        {
            if (server?.Id is not { } id || !PlainId().IsMatch(id))
            {
                yield return $"Server {index + 1}: the id must be 1 to 64 letters, digits, dots, hyphens or underscores.";
            }
            else if (!ids.Add(id))
            {
                yield return $"Server {index + 1}: the id {id} is taken.";
            }
            if (!IsAddress(server?.Address))
            {
                yield return $"Server {index + 1}: the address must be like http://10.0.1.7:8081, with nothing after the port.";
            }
        }
    }

    private static bool IsAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri is { Host.Length: > 0, PathAndQuery: "/", Fragment: "", UserInfo: "", Port: > 0 }
        && IsPlain(text, uri);

    /// <summary>Written as it is meant: what parsers mend (spaces, backslashes, dots, an empty user) YARP takes as it stands.</summary>
    private static bool IsPlain(string text, Uri uri)
    {
        var authority = text.TrimEnd('/');
        var name = $"{uri.Scheme}://{uri.Host}";
        return authority.Equals(name, StringComparison.OrdinalIgnoreCase)
            || authority.Equals(string.Create(CultureInfo.InvariantCulture, $"{name}:{uri.Port}"), StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainId();
}
