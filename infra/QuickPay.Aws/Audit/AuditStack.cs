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
    private readonly EnvironmentSettings _settings;
    private readonly FoundationStack _foundation;
    private readonly Replication? _replication;

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
        var trail = WriteOnce.AddTrail(this, settings, "Trail", foundation.Audit);
        Archive = WriteOnce.AddArchive(this, settings, "Archive", foundation.Backups);
        if (settings.Recovery is not null)
        {
            _replication = new Replication(this, settings);
            _replication.Add("trail", trail, foundation.Audit, AuditCopies.TrailOf(settings, Account));
            _replication.Add("archive", Archive, foundation.Backups, AuditCopies.ArchiveOf(settings, Account));
        }
        AddTrail(trail, edge.AccessLog);
        Snapshots.Add(this, settings, foundation, data);
    }

    /// <summary>Transfers that are no longer in the database.</summary>
    public Bucket Archive { get; }

    /// <summary>What is copied to the second region, where there is one.</summary>
    public IReadOnlyList<CopiedBucket> Copied => _replication?.Copied ?? [];

    public static string TrailOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}";

    /// <summary>The log that shows the trail's last days.</summary>
    public static string CallsLogOf(EnvironmentSettings settings) => $"/quickpay/{settings.Name}/cloudtrail";

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
        List<S3EventSelector> all = [new S3EventSelector { Bucket = Archive }];
        List<S3EventSelector> written = [new S3EventSelector { Bucket = _foundation.Artifacts }];
        List<S3EventSelector> read = [new S3EventSelector { Bucket = bucket }, new S3EventSelector { Bucket = accessLog }];
        if (_replication is not null)
        {
            // Its first file is copied, too.
            trail.Node.AddDependency(_replication.Role);
            all.Add(Elsewhere("ArchiveElsewhere", AuditCopies.ArchiveOf(_settings, Account).Bucket));
            read.Add(Elsewhere("TrailElsewhere", AuditCopies.TrailOf(_settings, Account).Bucket));
            written.Add(Elsewhere("ArtifactsElsewhere", RecoveryKeysStack.ArtifactsOf(_settings, Account)));
            read.Add(Elsewhere("AccessLogElsewhere", EdgeStack.AccessLogElsewhere(_settings, Account)));
        }
        trail.AddS3EventSelector([.. all]);
        trail.AddS3EventSelector([.. written], DataAlone(ReadWriteType.WRITE_ONLY));
        trail.AddS3EventSelector([.. read], DataAlone(ReadWriteType.READ_ONLY));
    }

    /// <summary>One of the second region, by its name: CloudFormation refers to nothing there.</summary>
    private S3EventSelector Elsewhere(string id, string name) => new() { Bucket = Amazon.CDK.AWS.S3.Bucket.FromBucketName(this, id, name) };
}
