using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws;

/// <summary>What every bucket of ours has: nobody from outside, TLS alone, a key of ours, and versions.</summary>
internal static class PrivateBucket
{
    private const int OldVersionsDays = 30;

    public static BucketProps Of(EnvironmentSettings settings, IKey? key) =>
        new()
        {
            BlockPublicAccess = BlockPublicAccess.BLOCK_ALL,
            ObjectOwnership = ObjectOwnership.BUCKET_OWNER_ENFORCED,
            EnforceSSL = true,
            MinimumTLSVersion = 1.2,
            Versioned = true,
            Encryption = key is null ? BucketEncryption.S3_MANAGED : BucketEncryption.KMS,
            EncryptionKey = key,
            // What was replaced or deleted can be had back for a month; what is locked, until its lock ends.
            LifecycleRules =
            [
                new Amazon.CDK.AWS.S3.LifecycleRule
                {
                    NoncurrentVersionExpiration = Duration.Days(OldVersionsDays),
                    AbortIncompleteMultipartUploadAfter = Duration.Days(7),
                },
            ],
            // One data key for many objects: a call to KMS for each would cost more than they do.
            BucketKeyEnabled = key is not null,
            RemovalPolicy = settings.Removal(),
        };
}
