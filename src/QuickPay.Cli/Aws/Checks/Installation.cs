using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>One installation, as its templates say it will be.</summary>
/// <param name="Name"><c>dev</c> or <c>prod</c>.</param>
/// <param name="Templates">All of its stacks.</param>
internal sealed record Installation(string Name, Templates Templates)
{
    /// <summary>The one that may be thrown away with all that is in it. Any other has money in it.</summary>
    private const string ThrownAway = "dev";

    public bool KeepsData => Name != ThrownAway;

    public IEnumerable<Resource> All => Templates.All;

    public IEnumerable<Resource> OfType(params IReadOnlyCollection<string> types) => All.Where(resource => types.Contains(resource.Type));

    /// <summary>What a value of a resource leads to, if it is of that type.</summary>
    public Resource? Find(Resource from, JsonElement value, string type) =>
        Templates.Find(from.Stack, value) is { } found && found.Type == type ? found : null;

    public string Text(Resource of, JsonElement value) => Templates.Text(of.Stack, value);

    /// <summary>Whether a value names one of our own keys, by whatever way.</summary>
    public bool IsOurKey(Resource from, JsonElement value) =>
        Templates.Find(from.Stack, value) switch
        {
            { Type: "AWS::KMS::Key" or "AWS::KMS::ReplicaKey" } => true,
            { Type: "AWS::KMS::Alias" } alias => IsOurKey(alias, alias["TargetKeyId"]),
            // By its name, as a key of another region is, or by its name's ARN there.
            null => NameOf(Text(from, value)) is var name
                && OfType("AWS::KMS::Alias").Any(alias => alias["AliasName"].Is(name) && IsOurKey(alias, alias["TargetKeyId"])),
            _ => false,
        };

    private static string NameOf(string key) =>
        key.StartsWith("arn:aws:kms:", StringComparison.Ordinal) && key.IndexOf(":alias/", StringComparison.Ordinal) is > 0 and var at
            ? key[(at + 1)..]
            : key;
}
