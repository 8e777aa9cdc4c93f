using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>No bucket is open to anybody outside, forgets what it had, or talks without TLS.</summary>
internal static class Buckets
{
    public static readonly Property Property = new("buckets are closed, versioned, and talk TLS", Look);

    private static readonly string[] Closed = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];

    private static IEnumerable<Look> Look(Installation installation) =>
        installation.OfType("AWS::S3::Bucket").SelectMany(bucket => Checks.Look.At(bucket, Faults(installation, bucket)));

    private static IEnumerable<string> Faults(Installation installation, Resource bucket)
    {
        foreach (var name in Closed.Where(name => !bucket["PublicAccessBlockConfiguration", name].IsTrue()))
        {
            yield return $"PublicAccessBlockConfiguration.{name} is not true: block public access";
        }
        if (!bucket["VersioningConfiguration", "Status"].Is("Enabled"))
        {
            yield return "it keeps no versions: enable VersioningConfiguration";
        }
        if (!bucket["LifecycleConfiguration", "Rules"].Items().Any(EndsOldVersions))
        {
            yield return "what was replaced or deleted in it costs for ever: give a rule of its LifecycleConfiguration NoncurrentVersionExpiration";
        }
        var refuses = installation
            .OfType("AWS::S3::BucketPolicy")
            .Where(policy => installation.Find(policy, policy["Bucket"], bucket.Type) == bucket)
            .SelectMany(Statement.In)
            .Any(statement =>
                !statement.Allows
                && statement.IsForEverybody
                && statement.Actions.Contains("s3:*")
                && statement.Condition.At("Bool", "aws:SecureTransport").IsFalse()
                && Covers(installation, statement, bucket)
            );
        if (!refuses)
        {
            yield return "it answers without TLS: its policy must deny s3:* to everybody where aws:SecureTransport is false";
        }
    }

    /// <summary>Of the whole bucket.</summary>
    private static bool EndsOldVersions(JsonElement rule) =>
        rule.At("Status").Is("Enabled")
        && rule.At("NoncurrentVersionExpiration", "NoncurrentDays").IsThere()
        && !rule.At("Prefix").IsThere()
        && !rule.At("TagFilters").IsThere();

    /// <summary>The bucket itself and all that is in it.</summary>
    private static bool Covers(Installation installation, Statement statement, Resource bucket)
    {
        var resources = statement.Resources.Select(resource => installation.Text(statement.Of, resource)).ToList();
        return resources.Contains($"{{{bucket.Id}.Arn}}") && resources.Contains($"{{{bucket.Id}.Arn}}/*");
    }
}
