using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace QuickPay.Edge.Http;

/// <summary>
/// Whether a body is one JSON document, flat enough for any call, each string a text and each field named once: of two with one name the
/// firewall and the API might believe different ones. What the fields mean the API says.
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
        return IsWellFormed(body)
            ? null
            : Problems.Invalid("body", $"Must be one JSON document in UTF-8, at most {DepthMax} levels deep, without a field twice.");
    }

    internal static bool IsWellFormed(ReadOnlySpan<byte> body)
    {
        // The reader takes strings as they are; whoever decodes them later would stumble.
        if (!Utf8.IsValid(body))
        {
            return false;
        }
        var fields = new JsonFields(stackalloc JsonFields.Field[JsonFields.Max], stackalloc int[DepthMax]);
        scoped var json = new Utf8JsonReader(body, Strict);
        try
        {
            while (json.Read())
            {
                if (json.ValueIsEscaped && HasHalfOfPair(json.ValueSpan))
                {
                    return false;
                }
                if (!fields.Goes(ref json, body))
                {
                    return fields.IsTooHard && IsWithoutRepeats(body);
                }
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a string, as it stands in the document, has half of a surrogate pair by its number: that is no text (RFC 8259 8.2).</summary>
    private static bool HasHalfOfPair(ReadOnlySpan<byte> text)
    {
        var high = false;
        while (text.IndexOf((byte)'\\') is >= 0 and var at)
        {
            // What the reader has read: an escape is one letter, or u and four digits.
            var number = text[at + 1] == 'u' ? ushort.Parse(text.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier) : (ushort)0;
            if (char.IsLowSurrogate((char)number) != (high && at == 0) || (high && at != 0))
            {
                return true;
            }
            high = char.IsHighSurrogate((char)number);
            text = text[(at + (text[at + 1] == 'u' ? 6 : 2))..];
        }
        return high;
    }

    /// <summary>For documents that no honest client sends: it costs memory.</summary>
    private static bool IsWithoutRepeats(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body, Strict);
        while (json.Read())
        {
            if (json.ValueIsEscaped && HasHalfOfPair(json.ValueSpan))
            {
                return false;
            }
        }
        using var document = JsonDocument.Parse(
            body.ToArray(),
            new JsonDocumentOptions { MaxDepth = DepthMax, AllowDuplicateProperties = false }
        );
        return true;
    }

    // Most say it in one of two ways; only others have to be parsed, which costs memory. JSON is in UTF-8 (RFC 8259, 8.1).
    private static bool IsJson(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase)
        && (
            contentType.AsSpan(MediaType.Length) is "" or "; charset=utf-8"
            || (
                contentType[MediaType.Length] is ';' or ' '
                && MediaTypeHeaderValue.TryParse(contentType, out var type)
                && (!type.Charset.HasValue || IsUtf8(type.Charset))
            )
        );

    private static bool IsUtf8(StringSegment charset) =>
        charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase);
}
