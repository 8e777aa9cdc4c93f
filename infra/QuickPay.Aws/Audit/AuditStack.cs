using Amazon.CDK;
using Amazon.CDK.AWS.CloudTrail;
using Amazon.CDK.AWS.S3;
using Constructs;
using QuickPay.Aws.Data;
using QuickPay.Aws.Edge;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Recovery;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Audit;

/// <summary>What must be shown years later: every call to AWS, transfers of the past, and snapshots of each month.</summary>
internal sealed class AuditStack : Stack
{
    /// <summary>Seven years, two of them with a day more.</summary>
    public const int KeptDays = 7 * 365 + 2;

    private const int ToGlacierDays = 30;
    private const int ToDeepArchiveDays = 180;

    private readonly EnvironmentSettings _settings;
    private readonly FoundationStack _foundation;

    public AuditStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        FoundationStack foundation,
        DataStack data,
        EdgeStack edge,
        IStackProps props
    )
        : base(scope, id, props)
    {
        (_settings, _foundation) = (settings, foundation);
        var trail = AddWriteOnce("Trail", foundation.Audit);
        Archive = AddWriteOnce("Archive", foundation.Backups);
        Archive.AddLifecycleRule(
            new LifecycleRule
            {
                Transitions =
                [
                    new Transition { StorageClass = StorageClass.GLACIER, TransitionAfter = Duration.Days(ToGlacierDays) },
                    new Transition { StorageClass = StorageClass.DEEP_ARCHIVE, TransitionAfter = Duration.Days(ToDeepArchiveDays) },
                ],
            }
        );
        AddTrail(trail, edge.AccessLog);
        Snapshots.Add(this, settings, foundation, data);
    }

    /// <summary>Transfers that are no longer in the database.</summary>
    public Bucket Archive { get; }

    public static string TrailOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}";

    /// <summary>The log that shows the trail's last days.</summary>
    public static string CallsLogOf(EnvironmentSettings settings) => $"/quickpay/{settings.Name}/cloudtrail";

    private Bucket AddWriteOnce(string id, Amazon.CDK.AWS.KMS.IKey key)
    {
        var props = PrivateBucket.Of(_settings, key);
        if (_settings.KeepsData)
        {
            props.ObjectLockEnabled = true;
            // Nobody can shorten it, not even the account's owner.
            props.ObjectLockDefaultRetention = ObjectLockRetention.Compliance(Duration.Days(KeptDays));
        }
        var bucket = new Bucket(this, id, props);
        bucket.AddLifecycleRule(new LifecycleRule { Expiration = Duration.Days(KeptDays + 1) });
        return bucket;
    }

    private static AddEventSelectorOptions DataAlone(ReadWriteType which) =>
        new() { ReadWriteType = which, IncludeManagementEvents = false };

    private void AddTrail(Bucket bucket, IBucket accessLog)
    {
        var trail = new Trail(
            this,
            "Calls",
            new TrailProps
            {
                TrailName = TrailOf(_settings),
                Bucket = bucket,
                EncryptionKey = _foundation.Audit,
                // Each hour's files are listed with their SHA-256 in one that is signed and names the one before it.
                EnableFileValidation = true,
                IsMultiRegionTrail = true,
                IncludeGlobalServiceEvents = true,
                SendToCloudWatchLogs = true,
                CloudWatchLogGroup = _settings.AddLog(this, "CallsLog", CallsLogOf(_settings), _foundation.Logs),
            }
        );
        // Also who reads or writes what is archived, who hands over what servers run, and who reads logs. Not what is written to logs: the trail's
        // own would be a call of its own each time.
        trail.AddS3EventSelector([new S3EventSelector { Bucket = Archive }]);
        List<S3EventSelector> written = [new S3EventSelector { Bucket = _foundation.Artifacts }];
        List<S3EventSelector> read = [new S3EventSelector { Bucket = bucket }, new S3EventSelector { Bucket = accessLog }];
        if (_settings.Recovery is not null)
        {
            written.Add(Elsewhere("ArtifactsElsewhere", RecoveryKeysStack.ArtifactsOf(_settings, Account)));
            read.Add(Elsewhere("AccessLogElsewhere", EdgeStack.AccessLogElsewhere(_settings, Account)));
        }
        trail.AddS3EventSelector([.. written], DataAlone(ReadWriteType.WRITE_ONLY));
        trail.AddS3EventSelector([.. read], DataAlone(ReadWriteType.READ_ONLY));
    }

    /// <summary>One of the second region, by its name: CloudFormation refers to nothing there.</summary>
    private S3EventSelector Elsewhere(string id, string name) => new() { Bucket = Amazon.CDK.AWS.S3.Bucket.FromBucketName(this, id, name) };
}
