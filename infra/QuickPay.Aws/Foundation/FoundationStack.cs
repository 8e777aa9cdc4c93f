using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using Constructs;
using QuickPay.Aws.Audit;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Foundation;

/// <summary>
/// What everything else stands on: the keys, and the bucket from which servers take their programs and CloudFormation its templates.
/// <para>
/// One key for each purpose, rotated every year: who may read logs reads no member's data, and who runs the service cannot open the audit. Apart
/// from the stores, so that a store may be made anew without its key.
/// </para>
/// </summary>
internal sealed class FoundationStack : Stack
{
    public FoundationStack(Construct scope, string id, EnvironmentSettings settings, IStackProps props)
        : base(scope, id, props)
    {
        Data = Key("data", "Disks, database, cache, secrets and artifacts");
        Personal = Key("personal", "Seals the keys under which members' personal data lies");
        Backups = Key("backups", "Snapshots and the archive");
        Audit = Key("audit", "The trail of calls");
        Logs = Key("logs", "Logs");
        Topics = Key("topics", "Alarms on their way");
        ServiceKey.LetLogsUse(this, Logs);
        DiskKey.LetServersStart(this, Data);
        ServiceKey.LetTrailUse(this, Audit, AuditStack.TrailOf(settings));
        ServiceKey.LetAlarmsUse(this, Topics);
        ServiceKey.LetEventsUse(Topics);
        Artifacts = new Bucket(this, "Artifacts", PrivateBucket.Of(settings, Data));
        Boundary.Add(this, settings);
        _ = new CfnOutput(this, "ArtifactsBucket", new CfnOutputProps { Value = Artifacts.BucketName });

        Key Key(string name, string description) => ServiceKey.Add(this, settings, name, description);
    }

    public Key Data { get; }

    public Key Personal { get; }

    public Key Backups { get; }

    public Key Audit { get; }

    public Key Logs { get; }

    public Key Topics { get; }

    /// <summary>Programs by version, and templates; a version is never written twice.</summary>
    public Bucket Artifacts { get; }
}
