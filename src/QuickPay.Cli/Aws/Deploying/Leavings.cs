using System.Globalization;
using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>
/// What is there after an installation is gone, by name. A database that its template keeps would go on running in a network that then cannot be
/// deleted either: of that a last snapshot is left instead.
/// </summary>
internal sealed class Leavings(AwsTool aws, TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);
    private readonly List<(PlannedStack Stack, StandingResource Resource)> _kept = [];

    /// <summary>Before the stack is deleted: afterwards nobody knows.</summary>
    public async Task NoteAsync(PlannedStack stack, CancellationToken cancellationToken) =>
        _kept.AddRange(
            (await StackContents.ReadAsync(aws, stack, cancellationToken))
                .Where(resource => resource.IsKept)
                .Select(resource => (stack, resource))
        );

    /// <summary>
    /// Deletes databases that the stack leaves behind, each with a last snapshot. Its name has the time: the one before, of an installation that was
    /// deleted earlier, stays as well.
    /// </summary>
    public async Task RetireDatabasesAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        foreach (var (_, database) in _kept.Where(kept => kept.Stack == stack && IsRetainedDatabase(kept.Resource)))
        {
            if (await FindAsync(stack, database, cancellationToken) is not { } found)
            {
                continue;
            }
            // AWS takes none of a replica: what is in it is in its primary's.
            var isReplica =
                found.TryGetProperty("ReadReplicaSourceDBInstanceIdentifier", out var source) && !string.IsNullOrEmpty(source.GetString());
            var last = $"{database.Name}-last-{time.GetUtcNow().ToString("yyyyMMdd-HHmm", CultureInfo.InvariantCulture)}";
            say($"{stack.Name}: deleting {database.Id} ({database.Name}), {(isReplica ? "a replica" : $"with the snapshot {last}")}");
            await aws.AskAsync(
                stack.Region,
                cancellationToken,
                [
                    "rds",
                    "delete-db-instance",
                    "--db-instance-identifier",
                    database.Name,
                    .. isReplica ? ["--skip-final-snapshot"] : new[] { "--final-db-snapshot-identifier", last },
                ]
            );
            while (await FindAsync(stack, database, cancellationToken) is not null)
            {
                await Task.Delay(LookEvery, time, cancellationToken);
            }
        }
    }

    /// <summary>Region, type and name of each, snapshots by their own.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        foreach (var (stack, resource) in _kept)
        {
            var lines = resource.Type switch
            {
                StandingResource.Database => await SnapshotsAsync(
                    stack,
                    ("DBSnapshots", "DBSnapshotIdentifier"),
                    cancellationToken,
                    "rds",
                    "describe-db-snapshots",
                    "--snapshot-type",
                    "manual",
                    "--db-instance-identifier",
                    resource.Name
                ),
                StandingResource.Cache => await SnapshotsAsync(
                    stack,
                    ("Snapshots", "SnapshotName"),
                    cancellationToken,
                    "elasticache",
                    "describe-snapshots",
                    "--snapshot-source",
                    "user",
                    "--replication-group-id",
                    resource.Name
                ),
                _ => [$"{resource.Type} {resource.Name} ({resource.Id})"],
            };
            names.AddRange(lines.Select(line => $"{stack.Region} {line}"));
        }
        return names;
    }

    private static bool IsRetainedDatabase(StandingResource resource) =>
        resource is { Type: StandingResource.Database, IfDeleted: "Retain" or "RetainExceptOnCreate" };

    private async Task<JsonElement?> FindAsync(PlannedStack stack, StandingResource database, CancellationToken cancellationToken)
    {
        try
        {
            var found = await aws.AskAsync(
                stack.Region,
                cancellationToken,
                "rds",
                "describe-db-instances",
                "--db-instance-identifier",
                database.Name
            );
            return found.GetProperty("DBInstances")[0];
        }
        catch (AwsException e) when (e.Says("DBInstanceNotFound"))
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<string>> SnapshotsAsync(
        PlannedStack stack,
        (string List, string Name) fields,
        CancellationToken cancellationToken,
        params string[] arguments
    )
    {
        var found = await aws.AskAsync(stack.Region, cancellationToken, arguments);
        return [.. found.GetProperty(fields.List).EnumerateArray().Select(one => $"snapshot {one.GetProperty(fields.Name).GetString()}")];
    }
}
