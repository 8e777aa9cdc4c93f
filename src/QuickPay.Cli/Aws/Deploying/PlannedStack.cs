using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>A stack that an installation has.</summary>
/// <param name="Name">In its region.</param>
/// <param name="Region">Where it belongs.</param>
/// <param name="TemplateFile">Its template.</param>
/// <param name="Parameters">What it must be told, or may be.</param>
/// <param name="IsProtected">Whether it may be deleted only on purpose.</param>
internal sealed record PlannedStack(string Name, string Region, string TemplateFile, IReadOnlyList<string> Parameters, bool IsProtected)
{
    private const string Type = "aws:cloudformation:stack";

    /// <summary>The stacks in a folder of templates, each after those that it needs.</summary>
    public static IReadOnlyList<PlannedStack> Read(string folder)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
        var waiting = manifest
            .RootElement.GetProperty("artifacts")
            .EnumerateObject()
            .Where(artifact => artifact.Value.GetProperty("type").GetString() == Type)
            .ToDictionary(artifact => artifact.Name, artifact => artifact.Value);
        var ordered = new List<PlannedStack>();
        while (waiting.Count > 0)
        {
            var (name, next) = waiting.First(artifact => !NeededBy(artifact.Value).Any(waiting.ContainsKey));
            waiting.Remove(name);
            ordered.Add(Of(folder, name, next));
        }
        return ordered;
    }

    private static IEnumerable<string> NeededBy(JsonElement artifact) =>
        artifact.TryGetProperty("dependencies", out var needed) ? needed.EnumerateArray().Select(one => one.GetString()!) : [];

    private static PlannedStack Of(string folder, string name, JsonElement artifact)
    {
        var properties = artifact.GetProperty("properties");
        var template = Path.Combine(folder, properties.GetProperty("templateFile").GetString()!);
        using var text = JsonDocument.Parse(File.ReadAllBytes(template));
        return new PlannedStack(
            name,
            // aws://account/region
            artifact.GetProperty("environment").GetString()!.Split('/')[^1],
            template,
            text.RootElement.TryGetProperty(nameof(Parameters), out var parameters)
                ? [.. parameters.EnumerateObject().Select(one => one.Name)]
                : [],
            properties.TryGetProperty("terminationProtection", out var isProtected) && isProtected.GetBoolean()
        );
    }
}
