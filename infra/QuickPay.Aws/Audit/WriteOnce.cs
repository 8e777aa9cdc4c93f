using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using Constructs;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Audit;

/// <summary>Buckets of the audit, and their copies in the second region: what is in one stays as it is for seven years, and ends after them.</summary>
internal static class WriteOnce
{
    /// <summary>Seven years, two of them with a day more.</summary>
    public const int KeptDays = 7 * 365 + 2;

    private const int ToGlacierDays = 30;
    private const int ToDeepArchiveDays = 180;

    /// <summary>The files of the trail, by which it can be shown who called what.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="settings">Whether it is locked.</param>
    /// <param name="id">In its stack.</param>
    /// <param name="key">They lie under this one.</param>
    /// <param name="name">By which another region knows it; null: CloudFormation makes one up.</param>
    public static Bucket AddTrail(Construct scope, EnvironmentSettings settings, string id, IKey key, string? name = null)
    {
        var props = PrivateBucket.Of(settings, key);
        props.BucketName = name;
        if (settings.KeepsData)
        {
            props.ObjectLockEnabled = true;
            // Nobody can shorten it, not even the account's owner.
            props.ObjectLockDefaultRetention = ObjectLockRetention.Compliance(Duration.Days(KeptDays));
        }
        var bucket = new Bucket(scope, id, props);
        bucket.AddLifecycleRule(new LifecycleRule { Expiration = Duration.Days(KeptDays + 1) });
        return bucket;
    }

    /// <summary>The same for what is hardly ever read again.</summary>
    public static Bucket AddArchive(Construct scope, EnvironmentSettings settings, string id, IKey key, string? name = null)
    {
        var bucket = AddTrail(scope, settings, id, key, name);
        bucket.AddLifecycleRule(
            new LifecycleRule
            {
                Transitions =
                [
                    new Transition { StorageClass = StorageClass.GLACIER, TransitionAfter = Duration.Days(ToGlacierDays) },
                    new Transition { StorageClass = StorageClass.DEEP_ARCHIVE, TransitionAfter = Duration.Days(ToDeepArchiveDays) },
                ],
            }
        );
        return bucket;
    }
}
