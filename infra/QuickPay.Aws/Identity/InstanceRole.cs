using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using QuickPay.Aws.Data;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Identity;

/// <summary>What one kind of server is given.</summary>
/// <param name="Kind"><c>Api</c> or <c>Worker</c>.</param>
/// <param name="Role">The role's name; there is one list of them for all regions.</param>
/// <param name="Stack">Name of the stack that waits for its servers.</param>
/// <param name="Secrets">ARNs of those that it reads.</param>
/// <param name="Logins">At databases.</param>
/// <param name="Key">That secrets lie under, and the programs.</param>
/// <param name="Programs">The bucket that has them.</param>
internal sealed record InstanceRights(
    string Kind,
    string Role,
    string Stack,
    IReadOnlyList<string> Secrets,
    IReadOnlyList<DatabaseLogin> Logins,
    IKey Key,
    IBucket Programs
);

/// <summary>The role of one kind of server: its secrets, its program, its logs, and to say that it has started.</summary>
internal static class InstanceRole
{
    public static Role Add(Stack stack, EnvironmentSettings settings, InstanceRights rights)
    {
        var (kind, account) = (rights.Kind, stack.Account);
        var role = new Role(
            stack,
            kind,
            new RoleProps
            {
                RoleName = rights.Role,
                AssumedBy = new ServicePrincipal("ec2.amazonaws.com"),
                Description = $"{kind} servers of QuickPay {settings.Name}",
                // A shell by Session Manager, which keeps a record, instead of SSH.
                ManagedPolicies = [ManagedPolicy.FromAwsManagedPolicyName("AmazonSSMManagedInstanceCore")],
                PermissionsBoundary = ManagedPolicy.FromManagedPolicyName(stack, $"{kind}AtMost", Boundary.NameOf(settings)),
            }
        );
        role.AddToPolicy(Statements.ReadSecrets(rights.Secrets));
        role.AddToPolicy(Statements.LogIn(stack, rights.Logins));
        role.AddToPolicy(Statements.Decrypt(rights.Key));
        role.AddToPolicy(Statements.TakePrograms(rights.Programs));
        role.AddToPolicy(
            Statements.WriteLogs($"arn:aws:logs:{stack.Region}:{account}:log-group:/quickpay/{settings.Name}/{kind.ToLowerInvariant()}:*")
        );
        foreach (var statement in Statements.WriteMetricsAndTraces(IdentityStack.MetricsNamespace))
        {
            role.AddToPolicy(statement);
        }
        role.AddToPolicy(
            Statements.Allow(
                "Started",
                ["cloudformation:SignalResource"],
                [$"arn:aws:cloudformation:{stack.Region}:{account}:stack/{rights.Stack}/*"]
            )
        );
        return role;
    }
}
