using System.IO.Enumeration;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>What a role is given beyond its boundary it does not have: AWS would refuse it in the middle of the night, not here.</summary>
internal static class WithinBoundary
{
    public static readonly Property Property = new("what roles are given is within their boundary", Look);

    /// <summary>CDK gives it to the role of the network's log, for itself. Nobody passes that role on, and the boundary is right to say no.</summary>
    private const string Unused = "iam:PassRole";

    private static IEnumerable<Look> Look(Installation installation)
    {
        var most = installation
            .OfType("AWS::IAM::ManagedPolicy")
            .Where(policy => installation.Text(policy, policy["ManagedPolicyName"]) == Boundaries.NameOf(installation))
            .SelectMany(Statement.In)
            .SelectMany(statement => statement.Actions)
            .ToList();
        return installation
            .OfType("AWS::IAM::Policy", "AWS::IAM::Role")
            .Where(policy =>
                Boundaries.RolesOf(installation, policy) is { Count: > 0 } roles && roles.All(role => role["PermissionsBoundary"].IsThere())
            )
            .SelectMany(policy =>
                Checks.Look.At(
                    policy,
                    Statement
                        .In(policy)
                        .Where(statement => statement.Allows && !statement.Principal.IsThere())
                        .SelectMany(statement => statement.Actions)
                        .Where(action =>
                            action != Unused && !most.Any(may => FileSystemName.MatchesSimpleExpression(may, action, ignoreCase: true))
                        )
                        .Select(action => $"{action} is not within the boundary, so it is refused: add it there, or take it away")
                )
            );
    }
}
