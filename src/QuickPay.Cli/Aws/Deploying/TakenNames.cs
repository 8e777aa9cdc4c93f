using System.Text.Json;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>
/// What an installation that was deleted has left under names that the next one wants: CloudFormation would come upon each of them only when it is
/// that one's turn, the last after most of an hour. Asked before a first deployment alone: an administrator makes that, and may look.
/// </summary>
internal sealed class TakenNames(AwsTool aws)
{
    private sealed record Kind(string Type, string Property, string[] Ask, string List, string Name);

    private static readonly Kind[] Listed =
    [
        new(StandingResource.LogGroup, "LogGroupName", ["logs", "describe-log-groups"], "logGroups", "logGroupName"),
        new("AWS::KMS::Alias", "AliasName", ["kms", "list-aliases"], "Aliases", "AliasName"),
        new("AWS::Backup::BackupVault", "BackupVaultName", ["backup", "list-backup-vaults"], "BackupVaultList", "BackupVaultName"),
        new(StandingResource.Database, "DBInstanceIdentifier", ["rds", "describe-db-instances"], "DBInstances", "DBInstanceIdentifier"),
    ];

    /// <param name="stacks">Those that are not there yet.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="LocalException">Something is in the way.</exception>
    public async Task CheckAsync(IReadOnlyList<PlannedStack> stacks, CancellationToken cancellationToken)
    {
        List<string> found;
        try
        {
            found =
            [
                .. await OfListsAsync(stacks, cancellationToken),
                .. await OfSecretsAsync(stacks, cancellationToken),
                .. await OfBucketsAsync(stacks, cancellationToken),
            ];
        }
        catch (AwsException e) when (e.IsDenied)
        {
            throw new LocalException(
                $"A first deployment takes an administrator: it begins with a look for names that are taken. {e.Message}",
                e
            );
        }
        if (found.Count > 0)
        {
            throw new LocalException(
                "Nothing was deployed: an earlier installation has left these, and templates want their names.\n"
                    + string.Concat(found.Select(line => $"  {line}\n"))
                    + "Look first whether anybody still needs what is in them: a trail, a log, a key to old snapshots. Then delete them (a secret at once by "
                    + "aws secretsmanager delete-secret --force-delete-without-recovery, one with copies after remove-regions-from-replication), or import "
                    + "them into their stacks (aws cloudformation create-change-set --change-set-type IMPORT), and deploy again."
            );
        }
    }

    /// <summary>One question for all of a kind in a region.</summary>
    private async Task<IReadOnlyList<string>> OfListsAsync(IReadOnlyList<PlannedStack> stacks, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        foreach (var kind in Listed)
        {
            foreach (var (region, wanted) in Wanted(stacks, kind.Type, kind.Property))
            {
                var listed = await aws.AskAsync(region, cancellationToken, kind.Ask);
                var there = listed.GetProperty(kind.List).EnumerateArray().Select(one => one.GetProperty(kind.Name).GetString()!);
                found.AddRange(wanted.Intersect(there).Select(name => $"{region} {kind.Type} {name}"));
            }
        }
        return found;
    }

    /// <summary>One by one: lists leave out those that wait for their end, which keep their names as well.</summary>
    private async Task<IReadOnlyList<string>> OfSecretsAsync(IReadOnlyList<PlannedStack> stacks, CancellationToken cancellationToken)
    {
        var wanted =
            from stack in stacks
            from secret in TemplateResource.In(stack)
            where secret.Type == StandingResource.Secret && secret.Text("Name") is not null
            from region in SecretCopies.RegionsOf(secret).Prepend(stack.Region)
            select (Region: region, Name: secret.Text("Name")!);
        var found = new List<string>();
        foreach (var (region, name) in wanted)
        {
            try
            {
                var secret = await aws.AskAsync(region, cancellationToken, "secretsmanager", "describe-secret", "--secret-id", name);
                var end = secret.TryGetProperty("DeletedDate", out var date) ? $", to be deleted for good after {TextOf(date)}" : "";
                found.Add($"{region} {StandingResource.Secret} {name}{end}");
            }
            catch (AwsException e) when (e.Says("ResourceNotFoundException")) { }
        }
        return found;
    }

    /// <summary>One by one: their names are the whole world's, so that somebody else may have one.</summary>
    private async Task<IReadOnlyList<string>> OfBucketsAsync(IReadOnlyList<PlannedStack> stacks, CancellationToken cancellationToken)
    {
        var caller = await aws.AskAsync(null, cancellationToken, "sts", "get-caller-identity");
        var account = caller.GetProperty("Account").GetString()!;
        var wanted =
            from stack in stacks
            from bucket in TemplateResource.In(stack)
            where bucket.Type == StandingResource.Bucket
            let name = bucket.Text("BucketName", account)
            where name is not null
            select (stack.Region, Name: name);
        var found = new List<string>();
        foreach (var (region, name) in wanted)
        {
            try
            {
                await aws.AskAsync(region, cancellationToken, "s3api", "head-bucket", "--bucket", name);
                found.Add($"{region} {StandingResource.Bucket} {name}");
            }
            catch (AwsException e) when (e.Says("(404)")) { }
            catch (AwsException e) when (e.Says("(403)"))
            {
                found.Add($"{region} {StandingResource.Bucket} {name}, which the caller may not see: it may be somebody else's");
            }
        }
        return found;
    }

    private static IEnumerable<(string Region, IReadOnlyList<string> Names)> Wanted(
        IReadOnlyList<PlannedStack> stacks,
        string type,
        string property
    ) =>
        from stack in stacks
        from resource in TemplateResource.In(stack)
        where resource.Type == type && resource.Text(property) is not null
        group resource.Text(property)! by stack.Region into names
        select (names.Key, (IReadOnlyList<string>)[.. names]);

    /// <summary>The command's first version gives times as numbers.</summary>
    private static string TextOf(JsonElement date) => date.ValueKind == JsonValueKind.String ? date.GetString()! : date.GetRawText();
}
