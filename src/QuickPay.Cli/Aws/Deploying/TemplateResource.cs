using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>A resource as the template that is to be deployed has it.</summary>
/// <param name="Properties">Undefined when there are none.</param>
internal sealed record TemplateResource(string Id, string Type, JsonElement Properties)
{
    public static IReadOnlyList<TemplateResource> In(PlannedStack stack)
    {
        // Never disposed of: what is read from it is used later.
        var template = JsonDocument.Parse(File.ReadAllBytes(stack.TemplateFile)).RootElement;
        return template.TryGetProperty("Resources", out var resources)
            ?
            [
                .. resources
                    .EnumerateObject()
                    .Select(resource => new TemplateResource(
                        resource.Name,
                        resource.Value.GetProperty(nameof(Type)).GetString()!,
                        resource.Value.TryGetProperty(nameof(Properties), out var properties) ? properties : default
                    )),
            ]
            : [];
    }

    /// <summary>A property that is a text; null when CloudFormation fills it in, or nobody does.</summary>
    public string? Text(string property) =>
        Properties.ValueKind == JsonValueKind.Object
        && Properties.TryGetProperty(property, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
