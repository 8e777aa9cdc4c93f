using System.Text;
using System.Text.Json;

namespace QuickPay.Cli.Aws;

/// <summary>A thing that a template makes.</summary>
/// <param name="Stack">The stack's name.</param>
/// <param name="Id">Its logical id there.</param>
/// <param name="Type"><c>AWS::RDS::DBInstance</c>.</param>
/// <param name="Whole">All that the template says of it, with <c>DeletionPolicy</c> and the like.</param>
internal sealed record Resource(string Stack, string Id, string Type, JsonElement Whole)
{
    /// <summary>What it is made with; undefined when nothing is said.</summary>
    public JsonElement Properties => Whole.TryGetProperty(nameof(Properties), out var properties) ? properties : default;

    /// <summary>A property by its path; undefined when it is not there.</summary>
    public JsonElement this[params string[] path] =>
        path.Aggregate(
            Properties,
            (at, name) => at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var next) ? next : default
        );

    /// <summary>As people look for it.</summary>
    public override string ToString() => $"{Stack}/{Id} ({Type})";
}

/// <summary>
/// The templates of one installation, as synthesized, with what they say of each other: a reference leads to the resource that is meant, in
/// whatever stack it is.
/// </summary>
internal sealed class Templates
{
    private const string Ending = ".template.json";
    private readonly Dictionary<(string Stack, string Id), Resource> _resources = [];
    private readonly Dictionary<string, (string Stack, JsonElement Value)> _exports = [];

    private Templates(IEnumerable<(string Stack, JsonElement Template)> templates)
    {
        foreach (var (stack, template) in templates)
        {
            foreach (var resource in Of(template, "Resources"))
            {
                _resources[(stack, resource.Name)] = new Resource(
                    stack,
                    resource.Name,
                    resource.Value.GetProperty("Type").GetString()!,
                    resource.Value
                );
            }
            foreach (var output in Of(template, "Outputs"))
            {
                if (output.Value.TryGetProperty("Export", out var export) && export.GetProperty("Name").ValueKind == JsonValueKind.String)
                {
                    _exports[export.GetProperty("Name").GetString()!] = (stack, output.Value.GetProperty("Value"));
                }
            }
        }
    }

    public IReadOnlyCollection<Resource> All => _resources.Values;

    /// <exception cref="InvalidDataException">There are none, or one is no template.</exception>
    public static Templates Read(string folder)
    {
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + Ending).Order(StringComparer.Ordinal).ToList() : [];
        if (files.Count == 0)
        {
            throw new InvalidDataException($"There are no templates in {folder}: `./quickpay aws synth` makes them.");
        }
        return new Templates([.. files.Select(file => (Path.GetFileName(file)[..^Ending.Length], Parse(File.ReadAllBytes(file), file)))]);
    }

    /// <summary>Templates by the names of their stacks.</summary>
    public static Templates Of(IReadOnlyDictionary<string, string> templates) =>
        new([.. templates.Select(template => (template.Key, Parse(Encoding.UTF8.GetBytes(template.Value), template.Key)))]);

    public IEnumerable<Resource> OfType(string type) => All.Where(resource => resource.Type == type);

    /// <summary>The resource that a value names, by <c>Ref</c>, <c>Fn::GetAtt</c> or another stack's export; null when it names none of ours.</summary>
    public Resource? Find(string stack, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        if (value.TryGetProperty("Ref", out var id))
        {
            return _resources.GetValueOrDefault((stack, id.GetString()!));
        }
        if (value.TryGetProperty("Fn::GetAtt", out var attribute))
        {
            var of = attribute.ValueKind == JsonValueKind.Array ? attribute[0].GetString()! : attribute.GetString()!.Split('.')[0];
            return _resources.GetValueOrDefault((stack, of));
        }
        return
            value.TryGetProperty("Fn::ImportValue", out var name)
            && name.ValueKind == JsonValueKind.String
            && _exports.TryGetValue(name.GetString()!, out var export)
            ? Find(export.Stack, export.Value)
            : null;
    }

    /// <summary>A value as text, what CloudFormation fills in later in braces: <c>arn:aws:logs:{AWS::Region}:{AWS::AccountId}:*</c>.</summary>
    public string Text(string stack, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined:
            case JsonValueKind.Null:
                return "";
            case JsonValueKind.String:
                return value.GetString()!;
            case JsonValueKind.Object when value.TryGetProperty("Fn::Join", out var join):
                return string.Join(join[0].GetString(), join[1].EnumerateArray().Select(part => Text(stack, part)));
            case JsonValueKind.Object when value.TryGetProperty("Fn::Base64", out var inner):
                return Text(stack, inner);
            case JsonValueKind.Object when value.TryGetProperty("Ref", out var id):
                return $"{{{id.GetString()}}}";
            case JsonValueKind.Object when value.TryGetProperty("Fn::GetAtt", out var attribute):
                return $"{{{string.Join('.', attribute.EnumerateArray().Select(part => part.GetString()))}}}";
            case JsonValueKind.Object
                when value.TryGetProperty("Fn::ImportValue", out var name)
                    && name.ValueKind == JsonValueKind.String
                    && _exports.TryGetValue(name.GetString()!, out var export):
                return Text(export.Stack, export.Value);
            default:
                return value.GetRawText();
        }
    }

    private static JsonElement Parse(byte[] text, string where)
    {
        try
        {
            // Its document is never disposed of: what is read from it is used as long as the process lives.
            return JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{where} is no template: {e.Message}", e);
        }
    }

    private static JsonElement.ObjectEnumerator Of(JsonElement template, string section) =>
        template.TryGetProperty(section, out var found) ? found.EnumerateObject() : default;
}
