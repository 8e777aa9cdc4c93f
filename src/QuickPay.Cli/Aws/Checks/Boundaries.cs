namespace QuickPay.Cli.Aws.Checks;

/// <summary>A role of the service can never do more than the boundary says, whatever policy somebody attaches to it.</summary>
internal static class Boundaries
{
    public static readonly Property Property = new("roles of the service have their boundary", Look);

    /// <summary>Roles that people take on, with a second factor. What they may do is in their policies, and people attach none.</summary>
    private static readonly string[] OfPeople = ["developer", "deployer", "approver"];

    /// <summary>It makes the service's roles, with the boundary; the boundary forbids just that.</summary>
    private const string OfCloudFormation = "cloudformation";

    public static string NameOf(Installation installation) => $"quickpay-{installation.Name}-boundary";

    public static bool IsCloudFormations(Installation installation, Resource role) => IsNamed(installation, role, OfCloudFormation);

    /// <summary>Those that a policy belongs to.</summary>
    public static IReadOnlyList<Resource> RolesOf(Installation installation, Resource policy) =>
        policy.Type == "AWS::IAM::Role"
            ? [policy]
            : [.. policy["Roles"].Items().Select(role => installation.Find(policy, role, "AWS::IAM::Role")).OfType<Resource>()];

    private static IEnumerable<Look> Look(Installation installation) =>
        installation.OfType("AWS::IAM::Role").Select(role => new Look(role, Fault(installation, role)));

    private static string? Fault(Installation installation, Resource role)
    {
        var trust = Statement.In(role).Where(statement => statement.Actions.Contains("sts:AssumeRole")).ToList();
        if (OfPeople.Any(name => IsNamed(installation, role, name)))
        {
            return trust.Count > 0 && trust.All(statement => statement.Condition.At("Bool", "aws:MultiFactorAuthPresent").IsTrue())
                ? null
                : "people take it on without a second factor: ask for aws:MultiFactorAuthPresent";
        }
        if (IsCloudFormations(installation, role))
        {
            return trust.Count > 0 && trust.All(statement => statement.Principal.At("Service").Is("cloudformation.amazonaws.com"))
                ? null
                : "it has no boundary, so nobody but cloudformation.amazonaws.com may take it on";
        }
        return
            installation.Text(role, role["PermissionsBoundary"]).EndsWith($":policy/{NameOf(installation)}", StringComparison.Ordinal)
            || installation.Find(role, role["PermissionsBoundary"], "AWS::IAM::ManagedPolicy") is { } policy
                && installation.Text(policy, policy["ManagedPolicyName"]) == NameOf(installation)
            ? null
            : $"nothing bounds what it may be given: apply the boundary to its stack (PermissionsBoundary = {NameOf(installation)})";
    }

    private static bool IsNamed(Installation installation, Resource role, string name) =>
        installation.Text(role, role["RoleName"]) == $"quickpay-{installation.Name}-{name}";
}
