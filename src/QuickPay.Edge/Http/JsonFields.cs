using System.Text.Json;

namespace QuickPay.Edge.Http;

/// <summary>
/// Finds a field that an object names twice, without memory of its own: few fields, compared one with the other as they stand in the
/// document. Names with escapes, and more fields than any call has, are too hard for it.
/// </summary>
/// <param name="fields">Room for <see cref="Max"/>.</param>
/// <param name="starts">Room for as many levels as the reader allows.</param>
internal ref struct JsonFields(Span<JsonFields.Field> fields, Span<int> starts)
{
    /// <summary>Fields at one time, of all objects that are open.</summary>
    public const int Max = 32;

    private readonly Span<Field> _fields = fields;

    /// <summary>Where the fields of each level begin.</summary>
    private readonly Span<int> _starts = starts;
    private int _count;

    /// <summary>It did not go on because it cannot say.</summary>
    public bool IsTooHard { get; private set; }

    /// <returns>False at a repeated field, or when it is too hard.</returns>
    public bool Goes(ref Utf8JsonReader json, ReadOnlySpan<byte> document)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject:
                _starts[json.CurrentDepth] = _count;
                return true;
            case JsonTokenType.EndObject:
                _count = _starts[json.CurrentDepth];
                return true;
            case JsonTokenType.PropertyName:
                return GoesOn(ref json, document);
            default:
                return true;
        }
    }

    private bool GoesOn(ref Utf8JsonReader json, ReadOnlySpan<byte> document)
    {
        if (json.ValueIsEscaped || _count == Max)
        {
            IsTooHard = true;
            return false;
        }
        foreach (var field in _fields[_starts[json.CurrentDepth - 1].._count])
        {
            if (json.ValueSpan.SequenceEqual(document.Slice(field.Start, field.Length)))
            {
                return false;
            }
        }
        // The token starts at its quotation mark.
        _fields[_count++] = new Field((int)json.TokenStartIndex + 1, json.ValueSpan.Length);
        return true;
    }

    /// <summary>Where a name stands in the document.</summary>
    internal readonly record struct Field(int Start, int Length);
}
