using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>
/// Whether the second region has taken over: its replica is nobody's any more. Then members' money is there, and a deployment would set up and start servers
/// on the ledger that was left.
/// </summary>
internal sealed class PromotedReplica(AwsTool aws)
{
    private const string Source = "SourceDBInstanceIdentifier";

    /// <exception cref="LocalException">It has.</exception>
    public async Task EnsureNoneAsync(IReadOnlyList<PlannedStack> stacks, CancellationToken cancellationToken)
    {
        foreach (var (region, name) in ReplicasElsewhere(stacks))
        {
            if (await IsPromotedAsync(region, name, cancellationToken))
            {
                throw new LocalException(
                    $"Nothing was deployed: {name} in {region} is nobody's replica any more. The second region has taken over, and members' money is there. "
                        + "Go back to the first region before anything is deployed: docs/operating/aws.md, \"Back to the first region\"."
                );
            }
        }
    }

    /// <summary>Of a database of another region, which templates name by its ARN.</summary>
    private static IEnumerable<(string Region, string Name)> ReplicasElsewhere(IReadOnlyList<PlannedStack> stacks) =>
        from stack in stacks
        from database in TemplateResource.In(stack)
        where database.Type == StandingResource.Database && database.Text("SourceRegion") is not null
        let name = database.Text("DBInstanceIdentifier")
        where name is not null && database.Has(Source)
        select (stack.Region, name);

    private async Task<bool> IsPromotedAsync(string region, string name, CancellationToken cancellationToken)
    {
        try
        {
            var found = await aws.AskAsync(region, cancellationToken, "rds", "describe-db-instances", "--db-instance-identifier", name);
            var database = found.GetProperty("DBInstances")[0];
            // One that is being made does not say yet whose it is.
            return database.GetProperty("DBInstanceStatus").GetString() != "creating"
                && (
                    !database.TryGetProperty("ReadReplicaSourceDBInstanceIdentifier", out var source)
                    || string.IsNullOrEmpty(source.GetString())
                );
        }
        catch (AwsException e) when (e.Says("DBInstanceNotFound"))
        {
            return false;
        }
    }
}
