using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Nag;

/// <summary>
/// Why a rule does not bind some resources. It holds for every rule it names, in every stack it names, at every resource it names: where one of these
/// finds nothing, it is stale.
/// </summary>
/// <param name="Rules">Ids of rules, to the letter: what is in brackets may have a <c>*</c> of its own. <c>{env}</c> is the installation's name.</param>
/// <param name="Stacks"><c>QuickPay-prod-Data</c>; <c>QuickPay-*-Data</c> is that of each installation.</param>
/// <param name="Resources">Logical ids, of which <c>*</c> at the end is anything; or a kind, <c>AWS::IAM::Policy</c>, for a reason that holds for all of it.</param>
/// <param name="Reason">What protects instead, or why the rule does not apply. One that begins with <c>Open:</c> is owed: it is to be mended.</param>
internal sealed partial record Suppression(
    IReadOnlyList<string> Rules,
    IReadOnlyList<string> Stacks,
    IReadOnlyList<string> Resources,
    string Reason
)
{
    private const string Owing = "Open: ";

    /// <summary>A shorter text argues nothing.</summary>
    private const int ReasonLengthMin = 40;

    [JsonIgnore]
    public bool IsOwed => Reason.StartsWith(Owing, StringComparison.Ordinal);

    /// <exception cref="LocalException">It is none, or one of them is not such that it may stand there; the message says which and why.</exception>
    public static IReadOnlyList<Suppression> Parse(string json, string where)
    {
        IReadOnlyList<Suppression> all;
        try
        {
            all =
                JsonSerializer.Deserialize(json, NagJson.Default.IReadOnlyListSuppression)
                ?? throw new LocalException($"{where} is empty: it wants a list, [] when nothing is suppressed.");
        }
        catch (JsonException e)
        {
            throw new LocalException($"{where} cannot be read: {e.Message}", e);
        }
        foreach (var (number, suppression) in all.Index())
        {
            if (suppression.Fault() is { } fault)
            {
                throw new LocalException($"{where}, number {number + 1} ({string.Join(", ", suppression.Rules)}): {fault}");
            }
        }
        return all;
    }

    /// <summary>What is wrong with it; null when it may stand.</summary>
    public string? Fault()
    {
        if (Rules.Count == 0 || Stacks.Count == 0 || Resources.Count == 0)
        {
            return "it must name at least one rule, one stack and one resource.";
        }
        if (Rules.FirstOrDefault(rule => !RuleId().IsMatch(rule)) is { } rule)
        {
            return $"{rule} is no rule's id, which are such as AwsSolutions-S1, AwsSolutions-IAM5[Action::s3:*] or PCI.DSS.321-S3BucketLoggingEnabled.";
        }
        if (Stacks.FirstOrDefault(stack => !StackName().IsMatch(stack)) is { } stack)
        {
            return $"{stack} is no stack's name, which are such as QuickPay-prod-Data or QuickPay-*-Data.";
        }
        if (Resources.FirstOrDefault(resource => !ResourceName().IsMatch(resource)) is { } resource)
        {
            return $"{resource} is neither a logical id nor a kind of resources; who means all of a stack says their kind.";
        }
        return Reason.Trim().Length < ReasonLengthMin || !Reason.EndsWith('.')
            ? $"it has no reason. Say in a sentence what protects instead, or why the rule does not apply (at least {ReasonLengthMin} letters)."
            : null;
    }

    /// <summary>Each claim that it makes about these installations and packs.</summary>
    public IEnumerable<SuppressionClaim> Claims(IReadOnlyList<string> environments, IReadOnlyList<string> packs) =>
        from rule in Rules
        where packs.Contains(NagPacks.Of(rule))
        from stack in Stacks
        let parts = stack.Split('-')
        from environment in environments
        where parts[1] == "*" || parts[1] == environment
        from resource in Resources
        select new SuppressionClaim(
            rule.Replace("{env}", environment, StringComparison.Ordinal),
            $"{parts[0]}-{environment}-{parts[2]}",
            resource
        );

    [GeneratedRegex(@"^(AwsSolutions-[A-Z0-9]+|PCI\.DSS\.321-[A-Za-z0-9]+)(\[[A-Za-z]+::.+\])?\z")]
    private static partial Regex RuleId();

    [GeneratedRegex(@"^QuickPay-(dev|prod|\*)-[A-Za-z]+\z")]
    private static partial Regex StackName();

    // An id begins with a letter: a bare * is no name.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9]*(\*|(::[A-Za-z0-9]+)+)?\z")]
    private static partial Regex ResourceName();
}

/// <summary>That a rule is broken by a resource of a stack: one of the things that a suppression says.</summary>
internal sealed record SuppressionClaim(string Rule, string Stack, string Resource)
{
    public bool Covers(NagFinding finding) => finding.Rule == Rule && finding.Stack == Stack && IsMeant(finding);

    public override string ToString() => $"{Rule} at {Stack}/{Resource}";

    private bool IsMeant(NagFinding finding) =>
        Resource.Contains("::", StringComparison.Ordinal) ? finding.Type == Resource
        : Resource.EndsWith('*') ? finding.LogicalId.StartsWith(Resource[..^1], StringComparison.Ordinal)
        : finding.LogicalId == Resource;
}
