using System.Globalization;
using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>Templates say the same in several ways: a number as text, a list of one without its brackets, nothing for false.</summary>
internal static class JsonReading
{
    public static bool IsThere(this JsonElement value) => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public static bool IsTrue(this JsonElement value) =>
        value.ValueKind == JsonValueKind.True
        || (value.ValueKind == JsonValueKind.String && string.Equals(value.GetString(), "true", StringComparison.OrdinalIgnoreCase));

    public static bool IsFalse(this JsonElement value) =>
        value.ValueKind == JsonValueKind.False
        || (value.ValueKind == JsonValueKind.String && string.Equals(value.GetString(), "false", StringComparison.OrdinalIgnoreCase));

    public static bool Is(this JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    /// <summary>Null when it is none.</summary>
    public static int? Number(this JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetInt32(out var number) => number,
            JsonValueKind.String when int.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };

    public static IEnumerable<JsonElement> Items(this JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray(),
            JsonValueKind.Undefined or JsonValueKind.Null => [],
            _ => [value],
        };

    /// <summary>What is inside by names; undefined when it is not there.</summary>
    public static JsonElement At(this JsonElement value, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            value = value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var next) ? next : default;
        }
        return value;
    }

    /// <summary>All that is inside, however deep, with its path and the name that it stands under.</summary>
    public static IEnumerable<(string Path, string Name, JsonElement Value)> Inside(this JsonElement value, string path = "")
    {
        var children = value.ValueKind switch
        {
            JsonValueKind.Object => value
                .EnumerateObject()
                .Select(field => (Path: path.Length == 0 ? field.Name : $"{path}.{field.Name}", field.Name, field.Value)),
            JsonValueKind.Array => value.EnumerateArray().Select((item, n) => (Path: $"{path}[{n}]", Name: "", Value: item)),
            _ => [],
        };
        return children.SelectMany(child => child.Value.Inside(child.Path).Prepend((child.Path, child.Name, child.Value)));
    }
}
