using System.Text.Json.Nodes;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>The templates of both installations, for all tests that look at them.</summary>
public sealed class AwsTemplates(MadeTemplates made) : IAsyncLifetime
{
    private readonly Dictionary<string, Dictionary<string, string>> _texts = [];

    internal Installation Dev { get; private set; } = null!;

    internal Installation Prod { get; private set; } = null!;

    internal Installation this[string environment] => environment == "prod" ? Prod : Dev;

    public async ValueTask InitializeAsync()
    {
        var both = await Task.WhenAll(Synthesis.Environments.Select(ReadAsync));
        (Dev, Prod) = (both.Single(one => one.Name == "dev"), both.Single(one => one.Name == "prod"));
    }

    /// <summary>Texts of templates by stack.</summary>
    internal IReadOnlyDictionary<string, string> TextsOf(string environment) => _texts[environment];

    /// <summary>As a deployment reads it.</summary>
    internal string FolderOf(string environment) => made.FolderOf(environment);

    /// <summary>An installation as it would be with a change.</summary>
    internal Installation Changed(string environment, Action<TemplateEdit> change)
    {
        var edit = new TemplateEdit(TextsOf(environment).ToDictionary(text => text.Key, text => JsonNode.Parse(text.Value)!.AsObject()));
        change(edit);
        return new Installation(environment, edit.Templates);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<Installation> ReadAsync(string environment)
    {
        var templates = await made.OfAsync(environment);
        var texts = Directory
            .GetFiles(FolderOf(environment), "*.template.json")
            .ToDictionary(file => Path.GetFileName(file).Split('.')[0], File.ReadAllText);
        lock (_texts)
        {
            _texts[environment] = texts;
        }
        return new Installation(environment, templates);
    }
}

/// <summary>One class after the other: the templates are made once.</summary>
[CollectionDefinition(nameof(AwsTemplates))]
public sealed class AwsTemplatesCollection : ICollectionFixture<AwsTemplates>;

/// <summary>Breaks one thing in real templates.</summary>
internal sealed class TemplateEdit(Dictionary<string, JsonObject> templates)
{
    public Templates Templates => Templates.Of(templates.ToDictionary(template => template.Key, template => template.Value.ToJsonString()));

    /// <summary>A whole resource: by its type and the beginning of its id.</summary>
    public JsonObject Whole(string type, string id = "") =>
        templates
            // The second region has some of the same names.
            .OrderBy(template => template.Key.Contains("-Recovery", StringComparison.Ordinal))
            .ThenBy(template => template.Key, StringComparer.Ordinal)
            .SelectMany(template => template.Value["Resources"]!.AsObject())
            .First(resource => resource.Key.StartsWith(id, StringComparison.Ordinal) && (string?)resource.Value!["Type"] == type)
            .Value!.AsObject();

    /// <summary>Its properties.</summary>
    public JsonObject Of(string type, string id = "") => Whole(type, id)["Properties"]!.AsObject();

    public void Add(string stack, string id, string type, string properties) =>
        templates.Single(template => template.Key.EndsWith($"-{stack}", StringComparison.Ordinal)).Value["Resources"]!.AsObject()[id] =
            new JsonObject { ["Type"] = type, ["Properties"] = JsonNode.Parse(properties) };

    public void Remove(string type, string id) =>
        templates
            .Values.Select(template => template["Resources"]!.AsObject())
            .ToList()
            .ForEach(resources =>
                resources
                    .Where(resource => resource.Key.StartsWith(id, StringComparison.Ordinal) && (string?)resource.Value!["Type"] == type)
                    .Select(resource => resource.Key)
                    .ToList()
                    .ForEach(key => resources.Remove(key))
            );
}
