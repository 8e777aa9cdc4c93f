namespace QuickPay.Cli.Aws.Deploying;

/// <summary>Databases and load balancers say no to being deleted, whoever asks, CloudFormation too: until somebody takes that from them.</summary>
internal sealed class DeletionProtection(AwsTool aws, Action<string> say)
{
    public async Task LiftAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        foreach (var resource in await StackContents.ReadAsync(aws, stack, cancellationToken))
        {
            string[]? lift = resource.Type switch
            {
                StandingResource.Database =>
                [
                    "rds",
                    "modify-db-instance",
                    "--db-instance-identifier",
                    resource.Name,
                    "--no-deletion-protection",
                    "--apply-immediately",
                ],
                StandingResource.LoadBalancer =>
                [
                    "elbv2",
                    "modify-load-balancer-attributes",
                    "--load-balancer-arn",
                    resource.Name,
                    "--attributes",
                    "Key=deletion_protection.enabled,Value=false",
                ],
                _ => null,
            };
            if (lift is not null)
            {
                say($"{stack.Name}: {resource.Id} ({resource.Name}) may be deleted now");
                await aws.AskAsync(stack.Region, cancellationToken, lift);
            }
        }
    }
}
