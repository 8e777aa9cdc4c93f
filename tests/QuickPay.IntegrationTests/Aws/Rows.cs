using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>Looks up in the templates of one region what a row of the requirements asks for.</summary>
/// <param name="installation">Both regions.</param>
/// <param name="elsewhere">The second one.</param>
internal sealed class Rows(Installation installation, bool elsewhere = false)
{
    public IReadOnlyList<Resource> All(string type) =>
        [
            .. installation
                .OfType(type)
                .Where(resource => elsewhere == resource.Stack.Contains("-Recovery", StringComparison.Ordinal))
                .OrderBy(resource => resource.Id, StringComparer.Ordinal),
        ];

    /// <summary>The only one of a type whose id begins so.</summary>
    public Resource One(string type, string id = "") =>
        Assert.Single(All(type), resource => resource.Id.StartsWith(id, StringComparison.Ordinal));

    /// <summary>What a property leads to.</summary>
    public Resource Behind(Resource resource, params string[] path) =>
        installation.Templates.Find(resource.Stack, resource[path])
        ?? throw new InvalidOperationException($"{string.Join('.', path)} of {resource} leads nowhere.");

    public string Text(Resource resource, params string[] path) => installation.Text(resource, resource[path]);

    public IReadOnlyList<Resource> Subnets(Resource resource, params string[] path) =>
        QuickPay.Cli.Aws.Checks.Subnets.In(installation, resource, resource[path]);

    /// <summary>A list of <c>Key</c> and <c>Value</c>.</summary>
    public static string? Attribute(Resource resource, string list, string key) =>
        resource[list].Items().Where(item => item.At("Key").Is(key)).Select(item => item.At("Value").GetString()).SingleOrDefault();

    public static IEnumerable<string> Texts(JsonElement list) => list.Items().Select(item => item.GetString()!);

    /// <summary>Action, and the texts of what it is allowed on, for a role by its name.</summary>
    public IReadOnlyList<(string Action, string On)> Allowed(string role) => Said(role, allows: true);

    /// <summary>The same of what it is refused, whatever else allows it.</summary>
    public IReadOnlyList<(string Action, string On)> Denied(string role) => Said(role, allows: false);

    private IReadOnlyList<(string Action, string On)> Said(string role, bool allows) =>
        [
            .. from policy in installation.OfType("AWS::IAM::Policy")
            where Boundaries.RolesOf(installation, policy).Any(of => Text(of, "RoleName") == role)
            from statement in Statement.In(policy)
            where statement.Allows == allows
            from action in statement.Actions
            from resource in statement.Resources
            select (action, installation.Text(policy, resource)),
        ];
}
