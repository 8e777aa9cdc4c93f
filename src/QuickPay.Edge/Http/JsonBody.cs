using System.Text.Json;
using System.Text.Unicode;

namespace QuickPay.Edge.Http;

/// <summary>
/// Whether a body is one JSON document, flat enough for any call: what stands behind the edge need not be asked about broken ones. What the
/// fields mean the API says.
/// </summary>
internal static class JsonBody
{
    // The deepest call has two levels.
    private const int DepthMax = 8;
    private const string MediaType = "application/json";
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = DepthMax };

    /// <summary>Null, or what is wrong with it.</summary>
    public static Problem? Refusal(string? contentType, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return null;
        }
        if (!IsJson(contentType))
        {
            return Problems.Of(ProblemCode.UnsupportedMediaType);
        }
        return IsWellFormed(body) ? null : Problems.Invalid("body", $"Must be one JSON document in UTF-8, at most {DepthMax} levels deep.");
    }

    internal static bool IsWellFormed(ReadOnlySpan<byte> body)
    {
        // The reader takes strings as they are; whoever decodes them later would stumble.
        if (!Utf8.IsValid(body))
        {
            return false;
        }
        var json = new Utf8JsonReader(body, Strict);
        try
        {
            while (json.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsJson(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase)
        && contentType.AsSpan(MediaType.Length) is "" or [';' or ' ', ..];
}
