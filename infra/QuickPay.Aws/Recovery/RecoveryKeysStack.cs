using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using Constructs;
using QuickPay.Aws.Audit;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// What the second region stands on: keys, by which what lies there opens also when the first region is lost, and buckets, so that neither the programs
/// nor the audit are lost with it.
/// </summary>
internal sealed class RecoveryKeysStack : Stack
{
    public RecoveryKeysStack(Construct scope, string id, EnvironmentSettings settings, IStackProps props)
        : base(scope, id, props)
    {
        Data = ServiceKey.Add(this, settings, "data", "Database, cache, disks, programs and snapshots in the second region");
        Personal = ServiceKey.Add(this, settings, "personal", "The key of members' personal data in the second region");
        Logs = ServiceKey.Add(this, settings, "logs", "Logs of the second region");
        Topics = ServiceKey.Add(this, settings, "topics", "Alarms of the second region on their way");
        ServiceKey.LetLogsUse(this, Logs);
        DiskKey.LetServersStart(this, Data);
        ServiceKey.LetEventsUse(Topics);
        ServiceKey.LetAlarmsUse(this, Topics);
        var bucket = PrivateBucket.Of(settings, Data);
        bucket.BucketName = ArtifactsOf(settings, Account);
        Artifacts = new Bucket(this, "Artifacts", bucket);
        AuditCopies.Add(this, settings);
        _ = new CfnOutput(this, "ArtifactsBucket", new CfnOutputProps { Value = Artifacts.BucketName });
    }

    /// <summary>Of the bucket here, for those who cannot refer to it: a stack of another region.</summary>
    public static string ArtifactsOf(EnvironmentSettings settings, string account) =>
        $"quickpay-{settings.Name}-artifacts-{account}-{settings.Recovery!.Region}";

    public Key Data { get; }

    /// <summary>As in the first region: workers and whoever deploys open what lies under <see cref="Data"/>, and not this.</summary>
    public Key Personal { get; }

    public Key Logs { get; }

    public Key Topics { get; }

    /// <summary>Programs by version, as in the first region.</summary>
    public Bucket Artifacts { get; }
}
