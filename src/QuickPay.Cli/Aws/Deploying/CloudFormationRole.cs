namespace QuickPay.Cli.Aws.Deploying;

/// <summary>
/// The role by which CloudFormation makes what is in templates, so that whoever deploys need not be allowed all of that. Some stacks are made with the
/// caller's own rights, an administrator's: those that say what others may do, that role and the service's boundary among them, since nothing could
/// hold a role that may change its own limits; and those of the keys, whose policies say the same.
/// </summary>
internal sealed class CloudFormationRole(string environment, AwsTool aws)
{
    private static readonly string[] ByTheCaller = ["Foundation", "Deployers", "Identity", "RecoveryKeys"];

    /// <summary>Its ARN; null before there is one.</summary>
    public async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await aws.AskAsync(
                null,
                cancellationToken,
                "iam",
                "get-role",
                "--role-name",
                $"quickpay-{environment}-cloudformation"
            );
            return found.GetProperty("Role").GetProperty("Arn").GetString();
        }
        catch (AwsException e) when (e.Says("NoSuchEntity"))
        {
            return null;
        }
    }

    /// <summary>For a stack: null when the caller makes it.</summary>
    public string? For(PlannedStack stack, string? role) =>
        ByTheCaller.Any(concern => stack.Name == $"QuickPay-{environment}-{concern}") ? null : role;
}
