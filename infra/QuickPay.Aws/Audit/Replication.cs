using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Audit;

/// <summary>A bucket and its copy, as CloudWatch tells them apart.</summary>
internal sealed record CopiedBucket(string Name, Bucket Bucket, string Copy, string Rule);

/// <summary>
/// S3 copies each new object of a bucket, with its lock, into the one like it in the second region, by a role that can do nothing else. Mostly within
/// minutes: a promise of fifteen (S3 RTC) is not paid for, since the trail's own files come no sooner, and nothing of a transfer waits for either.
/// </summary>
internal sealed class Replication
{
    /// <summary>Of the only rule that a bucket has.</summary>
    private const string Rule = "elsewhere";

    private const string On = "Enabled";
    private const string Off = "Disabled";

    private readonly Stack _stack;
    private readonly EnvironmentSettings _settings;
    private readonly List<CopiedBucket> _copied = [];

    public Replication(Stack stack, EnvironmentSettings settings)
    {
        (_stack, _settings) = (stack, settings);
        Role = new Role(
            stack,
            "Replicator",
            new RoleProps
            {
                RoleName = $"quickpay-{settings.Name}-replicator",
                AssumedBy = S3OfThisAccount,
                Description = "Copies the audit to the second region",
            }
        );
    }

    public Role Role { get; }

    public IReadOnlyList<CopiedBucket> Copied => _copied;

    /// <summary>
    /// S3's own words on this role ask for no account, and do not say that S3 names one when it takes the role on. Where it does, it has to be this one;
    /// a condition that it could not meet would end all copying. Nobody of another account can put the role into a bucket's rule in any case: who does
    /// must be allowed to pass it on.
    /// </summary>
    private PrincipalWithConditions S3OfThisAccount =>
        new(
            new ServicePrincipal("s3.amazonaws.com"),
            new Dictionary<string, object>
            {
                ["StringEqualsIfExists"] = new Dictionary<string, object> { ["aws:SourceAccount"] = _stack.Account },
            }
        );

    /// <param name="name">As people know it: <c>trail</c>.</param>
    /// <param name="bucket">Which is copied.</param>
    /// <param name="key">What is in it lies under this one.</param>
    /// <param name="copy">Where to.</param>
    public void Add(string name, Bucket bucket, IKey key, AuditCopy copy)
    {
        var region = _settings.Recovery!.Region;
        var destination = $"arn:aws:s3:::{copy.Bucket}";
        ((CfnBucket)bucket.Node.DefaultChild!).ReplicationConfiguration = new CfnBucket.ReplicationConfigurationProperty
        {
            Role = Role.RoleArn,
            Rules = new[]
            {
                new CfnBucket.ReplicationRuleProperty
                {
                    Id = Rule,
                    Status = On,
                    Priority = 1,
                    // All that is in it; that there is a filter makes it a rule of the second kind.
                    Filter = new CfnBucket.ReplicationRuleFilterProperty { Prefix = "" },
                    // Nothing that is hidden in one region is hidden in the other.
                    DeleteMarkerReplication = new CfnBucket.DeleteMarkerReplicationProperty { Status = Off },
                    SourceSelectionCriteria = new CfnBucket.SourceSelectionCriteriaProperty
                    {
                        SseKmsEncryptedObjects = new CfnBucket.SseKmsEncryptedObjectsProperty { Status = On },
                    },
                    Destination = new CfnBucket.ReplicationDestinationProperty
                    {
                        Bucket = destination,
                        // Its own rules move it on, as the originals' do. Files of the trail are too small for a class that counts 128 KB for each.
                        StorageClass = "STANDARD",
                        EncryptionConfiguration = new CfnBucket.EncryptionConfigurationProperty
                        {
                            // By its alias, since CloudFormation cannot name a key of another region: S3 takes the ARN of a key or of an alias
                            // (API reference, EncryptionConfiguration), and looks an alias up in the account of who asks, which is ours.
                            ReplicaKmsKeyId = $"arn:aws:kms:{region}:{_stack.Account}:{ServiceKey.AliasOf(_settings, copy.Key)}",
                        },
                        // By which an alarm knows of a copy that failed.
                        Metrics = new CfnBucket.MetricsProperty { Status = On },
                    },
                },
            },
        };
        foreach (var statement in Rights(name.Capital(), bucket, key, copy, destination, region))
        {
            Role.AddToPolicy(statement);
        }
        _copied.Add(new CopiedBucket(name, bucket, copy.Bucket, Rule));
    }

    private IEnumerable<PolicyStatement> Rights(string name, Bucket bucket, IKey key, AuditCopy copy, string destination, string region)
    {
        yield return Identity.Statements.Allow($"{name}Rule", ["s3:GetReplicationConfiguration", "s3:ListBucket"], [bucket.BucketArn]);
        yield return Identity.Statements.Allow(
            $"{name}Read",
            [
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
                // A copy is locked until the same day.
                "s3:GetObjectRetention",
                "s3:GetObjectLegalHold",
            ],
            [bucket.ArnForObjects("*")]
        );
        yield return Identity.Statements.Allow($"{name}Write", ["s3:ReplicateObject", "s3:ReplicateTags"], [$"{destination}/*"]);
        yield return Keys($"{name}Open", ["kms:Decrypt"], key.KeyArn, ThroughS3(_settings.Region, bucket.BucketArn));
        var there = ThroughS3(region, destination);
        // Its id is made up there; the alias is known.
        there["ForAnyValue:StringEquals"] = new Dictionary<string, object>
        {
            ["kms:ResourceAliases"] = ServiceKey.AliasOf(_settings, copy.Key),
        };
        yield return Keys($"{name}Seal", ["kms:Encrypt", "kms:GenerateDataKey"], $"arn:aws:kms:{region}:{_stack.Account}:key/*", there);
    }

    /// <summary>Only when S3 asks, and for objects of one bucket: by their own names, or by the bucket's, which its data key is for.</summary>
    private static Dictionary<string, object> ThroughS3(string region, string bucket) =>
        new()
        {
            ["StringEquals"] = new Dictionary<string, object> { ["kms:ViaService"] = $"s3.{region}.amazonaws.com" },
            ["StringLike"] = new Dictionary<string, object> { ["kms:EncryptionContext:aws:s3:arn"] = new[] { bucket, $"{bucket}/*" } },
        };

    private static PolicyStatement Keys(string sid, string[] actions, string resource, Dictionary<string, object> conditions) =>
        new(
            new PolicyStatementProps
            {
                Sid = sid,
                Actions = actions,
                Resources = [resource],
                Conditions = conditions,
            }
        );
}
