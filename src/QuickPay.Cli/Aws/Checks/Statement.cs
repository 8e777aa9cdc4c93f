using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>One sentence of a policy, wherever it stands: of a role, a key, a bucket, a queue, or who may take a role on.</summary>
/// <param name="Of">The resource that has it.</param>
/// <param name="Whole">All of it.</param>
internal sealed record Statement(Resource Of, JsonElement Whole)
{
    public bool Allows => !Whole.At("Effect").Is("Deny");

    public IEnumerable<string> Actions => Whole.At("Action").Items().Select(action => action.GetString() ?? "");

    public IEnumerable<JsonElement> Resources => Whole.At("Resource").Items();

    public JsonElement Principal => Whole.At("Principal");

    public JsonElement Condition => Whole.At("Condition");

    /// <summary>How people find it.</summary>
    public string Name =>
        Whole.At("Sid") is { ValueKind: JsonValueKind.String } sid ? sid.GetString()! : string.Join(", ", Actions.Take(3));

    public bool IsForEverybody => Principal.Is("*") || Principal.Inside().Any(inside => inside.Value.Is("*"));

    public bool IsForAllResources => Resources.Any(resource => resource.Is("*"));

    public static IEnumerable<Statement> In(Resource resource) =>
        resource
            .Properties.Inside()
            .Where(inside => inside.Name == "Statement")
            .SelectMany(inside => inside.Value.Items())
            .Where(statement => statement.ValueKind == JsonValueKind.Object)
            .Select(statement => new Statement(resource, statement));
}
