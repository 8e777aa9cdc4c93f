using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>A resource as the template that is to be deployed has it.</summary>
/// <param name="Properties">Undefined when there are none.</param>
/// <param name="IsRetained">Whether it stays, as itself, when its stack is deleted.</param>
internal sealed record TemplateResource(string Id, string Type, JsonElement Properties, bool IsRetained)
{
    private const string Join = "Fn::Join";

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
                        resource.Value.TryGetProperty(nameof(Properties), out var properties) ? properties : default,
                        resource.Value.TryGetProperty("DeletionPolicy", out var policy)
                            && policy.GetString() is "Retain" or "RetainExceptOnCreate"
                    )),
            ]
            : [];
    }

    /// <summary>A property that is a text; null when CloudFormation fills it in, or nobody does.</summary>
    public string? Text(string property) => Value(property) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>The same; also of one in which nothing but the account is filled in.</summary>
    public string? Text(string property, string account)
    {
        if (Value(property) is not { ValueKind: JsonValueKind.Object } value || !value.TryGetProperty(Join, out var join))
        {
            return Text(property);
        }
        var parts = join[1].EnumerateArray().Select(part => IsAccount(part) ? account : TextOf(part)).ToList();
        return parts.Contains(null) ? null : string.Join(join[0].GetString(), parts);
    }

    public bool Has(string property) => Value(property) is not null;

    private JsonElement? Value(string property) =>
        Properties.ValueKind == JsonValueKind.Object && Properties.TryGetProperty(property, out var value) ? value : null;

    private static string? TextOf(JsonElement part) => part.ValueKind == JsonValueKind.String ? part.GetString() : null;

    private static bool IsAccount(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("Ref", out var name) && name.GetString() == "AWS::AccountId";
}
