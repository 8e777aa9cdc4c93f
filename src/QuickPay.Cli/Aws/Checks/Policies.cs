using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>Policies name what they allow, on what, and to whom.</summary>
internal static class Policies
{
    public static readonly Property Property = new("policies name what they allow and to whom", Look);

    /// <summary>Whole services on all resources, each with the reason; nobody has one of <see cref="NeverWhole"/>.</summary>
    private static readonly (string What, Func<Installation, Resource, bool> Is)[] MayNameServices =
    [
        // The most that others may be given, not something that is given.
        (
            "the permission boundary",
            (installation, resource) => installation.Text(resource, resource["ManagedPolicyName"]) == Boundaries.NameOf(installation)
        ),
        // It makes whatever templates say, and only CloudFormation takes it on; identities it makes by name, with the boundary.
        (
            "CloudFormation's role",
            (installation, resource) =>
                Boundaries.RolesOf(installation, resource) is { Count: > 0 } roles
                && roles.All(role => Boundaries.IsCloudFormations(installation, role))
        ),
        // In a key's policy `*` is the key.
        ("a key's own policy", (_, resource) => resource.Type is "AWS::KMS::Key" or "AWS::KMS::ReplicaKey"),
    ];

    private static readonly string[] NeverWhole = ["iam:*", "sts:*", "organizations:*"];

    private static readonly string[] Nots = ["NotAction", "NotResource", "NotPrincipal"];

    /// <summary>AWS's own policies that allow whole services or everything.</summary>
    private static readonly string[] TooMuch = ["/AdministratorAccess", "/PowerUserAccess", "FullAccess", "/SystemAdministrator"];

    private static IEnumerable<Look> Look(Installation installation) =>
        from resource in installation.All
        let statements = Statement.In(resource).ToList()
        let attached = resource["ManagedPolicyArns"].Items().Select(arn => installation.Text(resource, arn)).ToList()
        where statements.Count > 0 || attached.Count > 0
        from look in Checks.Look.At(
            resource,
            statements
                .SelectMany(statement => Faults(installation, statement))
                .Concat(
                    attached
                        .Where(arn => TooMuch.Any(name => arn.EndsWith(name, StringComparison.Ordinal)))
                        .Select(arn => $"{arn.Split('/')[^1]} allows far too much: name what is needed")
                )
        )
        select look;

    private static IEnumerable<string> Faults(Installation installation, Statement statement)
    {
        if (!statement.Allows)
        {
            yield break;
        }
        foreach (var not in Nots.Where(not => statement.Whole.At(not).IsThere()))
        {
            yield return $"'{statement.Name}' allows by {not} all that it does not name: name what it allows";
        }
        var actions = statement.Actions.ToList();
        if (actions.Any(action => action is "*" or "*:*"))
        {
            yield return $"'{statement.Name}' allows every action: name those that are needed";
        }
        if (statement.IsForAllResources && statement.Of.Type != "AWS::S3::BucketPolicy")
        {
            var whole = actions
                .Where(action => action.EndsWith(":*", StringComparison.Ordinal) && action != "*:*")
                .Where(action => NeverWhole.Contains(action) || !MayNameServices.Any(may => may.Is(installation, statement.Of)))
                .ToList();
            if (whole.Count > 0)
            {
                yield return $"'{statement.Name}' allows {string.Join(", ", whole)} on every resource: name actions or resources";
            }
        }
        if (statement.IsForEverybody && statement.Condition.ValueKind != JsonValueKind.Object)
        {
            yield return $"'{statement.Name}' allows it to everybody: name a principal, or a condition";
        }
    }
}
