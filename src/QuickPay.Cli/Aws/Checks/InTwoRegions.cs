using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>
/// What a bucket keeps locked for years is copied to one of the second region that is locked as long: else what has to be shown then would be gone with
/// a region. That all of these rules are right shows nowhere else; S3 takes a rule that cannot work, and only what it writes later fails.
/// </summary>
internal static class InTwoRegions
{
    public static readonly Property Property = new("what is kept locked is in two regions", Look) { OnlyWhereDataIsKept = true };

    private const string Bucket = "AWS::S3::Bucket";
    private const string Arn = "arn:aws:s3:::";

    private static IEnumerable<Look> Look(Installation installation) =>
        installation
            .OfType(Bucket)
            .Where(bucket => bucket["ObjectLockEnabled"].IsTrue() && !IsElsewhere(bucket))
            .SelectMany(bucket => Checks.Look.At(bucket, Faults(installation, bucket)));

    private static bool IsElsewhere(Resource resource) => resource.Stack.Contains("-Recovery", StringComparison.Ordinal);

    private static IEnumerable<string> Faults(Installation installation, Resource bucket)
    {
        var rules = bucket["ReplicationConfiguration", "Rules"].Items().Where(rule => rule.At("Status").Is("Enabled")).ToList();
        // A part of it would not do.
        if (rules.Where(IsForAll).ToList() is not [var rule, ..])
        {
            return ["all that is in it is in one region: give it a ReplicationConfiguration for all objects, into a bucket like it"];
        }
        return OfRule(installation, bucket, rule);
    }

    private static IEnumerable<string> OfRule(Installation installation, Resource bucket, JsonElement rule)
    {
        if (!rule.At("SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status").Is("Enabled"))
        {
            yield return "what lies under a key is not copied, which is all of it: enable SseKmsEncryptedObjects";
        }
        if (!rule.At("DeleteMarkerReplication", "Status").Is("Disabled"))
        {
            yield return "what is hidden in one region is hidden in both: disable DeleteMarkerReplication";
        }
        var to = installation.Text(bucket, rule.At("Destination", "Bucket"));
        var copy = installation
            .OfType(Bucket)
            .FirstOrDefault(one => IsElsewhere(one) && to == $"{Arn}{installation.Text(one, one["BucketName"])}");
        if (copy is null)
        {
            yield return $"it is copied to {to}, which is no bucket of the second region";
            yield break;
        }
        if (!KeyOf(installation, copy, installation.Text(bucket, rule.At("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID"))))
        {
            yield return $"ReplicaKmsKeyID is not the key of {copy.Id}: name its alias in that region";
        }
        var (kept, there) = (LockOf(bucket), LockOf(copy));
        if (there.Mode != kept.Mode || there.Days is null || there.Days < kept.Days)
        {
            yield return $"{copy.Id} is not locked as long: give it the same ObjectLockConfiguration";
        }
    }

    private static bool IsForAll(JsonElement rule) =>
        rule.At("Filter").ValueKind == JsonValueKind.Object && rule.At("Filter", "Prefix").Is("");

    /// <summary>Whether an alias of the stack that a bucket is in leads to the bucket's own key.</summary>
    private static bool KeyOf(Installation installation, Resource bucket, string named) =>
        bucket["BucketEncryption", "ServerSideEncryptionConfiguration"]
            .Items()
            .Select(rule => installation.Templates.Find(bucket.Stack, rule.At("ServerSideEncryptionByDefault", "KMSMasterKeyID")))
            .Any(key =>
                key is not null
                && installation
                    .OfType("AWS::KMS::Alias")
                    .Any(alias =>
                        alias.Stack == bucket.Stack
                        && named.EndsWith($":{installation.Text(alias, alias["AliasName"])}", StringComparison.Ordinal)
                        && installation.Templates.Find(alias.Stack, alias["TargetKeyId"]) == key
                    )
            );

    private static (string? Mode, int? Days) LockOf(Resource bucket) =>
        (
            bucket["ObjectLockConfiguration", "Rule", "DefaultRetention", "Mode"] is { ValueKind: JsonValueKind.String } mode
                ? mode.GetString()
                : null,
            bucket["ObjectLockConfiguration", "Rule", "DefaultRetention", "Days"].Number()
        );
}
