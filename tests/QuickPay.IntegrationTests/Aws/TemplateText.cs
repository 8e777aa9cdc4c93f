using System.Text.Json;
using System.Text.RegularExpressions;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>
/// Templates as lines that can be compared: a line for each value, under its stack, resource and path, sorted. What CloudFormation fills in is in
/// braces, elements of lists go by their names where they have some, and texts of several lines are several lines.
/// </summary>
internal static partial class TemplateText
{
    /// <summary>What tells elements of a list apart, the first that all of them have.</summary>
    private static readonly string[] Names = ["Sid", "Key", "Name", "RuleName", "DeviceName", "Id", "ParameterKey", "AttributeName"];

    private static readonly string[] Sections = ["Parameters", "Conditions", "Mappings", "Resources", "Outputs"];

    public static string Of(IReadOnlyDictionary<string, string> templates)
    {
        var lines = new List<string>();
        foreach (var (stack, text) in templates)
        {
            using var template = JsonDocument.Parse(text);
            foreach (var section in Sections)
            {
                foreach (var entry in template.RootElement.At(section).Inside().Where(inside => inside.Path == inside.Name))
                {
                    Write(lines, $"{stack} {(section == "Resources" ? "" : section + ".")}{entry.Name}", entry.Value);
                }
            }
        }
        return string.Join('\n', lines.Order(StringComparer.Ordinal)) + "\n";
    }

    private static void Write(List<string> lines, string path, JsonElement value)
    {
        if (Filled(value) is { } text)
        {
            var several = text.TrimEnd('\n').Split('\n');
            lines.AddRange(
                several.Length == 1
                    ? [$"{path} = {Hash().Replace(text, "SHA256")}"]
                    : several.Select((line, n) => $"{path} line {n + 1:D3} = {Hash().Replace(line, "SHA256")}")
            );
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in value.EnumerateObject())
            {
                Write(lines, $"{path}.{field.Name}", field.Value);
            }
        }
        else
        {
            var items = value.EnumerateArray().ToList();
            var name = Names.FirstOrDefault(name => IsUnique(items, name));
            foreach (var (n, item) in items.Index())
            {
                var which =
                    item.ValueKind != JsonValueKind.Object || Filled(item) is not null ? "" // the order of plain values says nothing
                    : name is null ? $"{n}"
                    : item.At(name).GetString();
                Write(lines, $"{path}[{which}]", item);
            }
        }
    }

    private static bool IsUnique(List<JsonElement> items, string name) =>
        items.All(item => item.At(name).ValueKind == JsonValueKind.String)
        && items.Select(item => item.At(name).GetString()).Distinct().Count() == items.Count;

    /// <summary>A plain value, or one that CloudFormation makes a plain one of; null: it has parts.</summary>
    private static string? Filled(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Object when value.At("Ref").IsThere() => $"{{{value.At("Ref").GetString()}}}",
            JsonValueKind.Object when value.At("Fn::ImportValue").IsThere() => $"{{import {Filled(value.At("Fn::ImportValue"))}}}",
            JsonValueKind.Object when value.At("Fn::Base64").IsThere() => Filled(value.At("Fn::Base64")),
            JsonValueKind.Object when value.At("Fn::GetAtt").ValueKind == JsonValueKind.Array =>
                $"{{{string.Join('.', value.At("Fn::GetAtt").EnumerateArray().Select(Filled))}}}",
            JsonValueKind.Object when value.At("Fn::Join").ValueKind == JsonValueKind.Array => string.Join(
                value.At("Fn::Join")[0].GetString(),
                value.At("Fn::Join")[1].Items().Select(Filled)
            ),
            JsonValueKind.Object when !value.EnumerateObject().Any() => "{}",
            JsonValueKind.Array when value.GetArrayLength() == 0 => "[]",
            JsonValueKind.Object or JsonValueKind.Array => null,
            _ => value.GetRawText(),
        };

    // Of files that are built: they differ from machine to machine.
    [GeneratedRegex("\\b[0-9a-f]{64}\\b")]
    private static partial Regex Hash();
}
