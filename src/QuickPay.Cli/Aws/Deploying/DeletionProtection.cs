namespace QuickPay.Cli.Aws.Deploying;

/// <summary>Databases and load balancers say no to being deleted, whoever asks, CloudFormation too: until somebody takes that from them.</summary>
/// <param name="aws">AWS's command.</param>
/// <param name="time">Between two tries.</param>
/// <param name="say">Told what may be deleted now.</param>
internal sealed class DeletionProtection(AwsTool aws, TimeProvider time, Action<string> say)
{
    /// <summary>Half an hour: that long a replica may take to be made.</summary>
    private const int Tries = 120;
    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(15);

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
            if (lift is not null && await LiftAsync(stack.Region, lift, cancellationToken))
            {
                say($"{stack.Name}: {resource.Id} ({resource.Name}) may be deleted now");
            }
        }
    }

    /// <returns>Whether there was anything: of what failed while it was made, a stack knows the name nevertheless.</returns>
    private async Task<bool> LiftAsync(string region, string[] lift, CancellationToken cancellationToken)
    {
        for (var left = Tries; ; left--)
        {
            try
            {
                await aws.AskAsync(region, cancellationToken, lift);
                return true;
            }
            catch (AwsException e) when (e.Says("DBInstanceNotFound") || e.Says("LoadBalancerNotFound"))
            {
                return false;
            }
            // It is still being made, or changed, or deleted.
            catch (AwsException e) when (e.Says("InvalidDBInstanceState") && left > 0)
            {
                await Task.Delay(TryEvery, time, cancellationToken);
            }
        }
    }
}
