using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Constructs;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Recovery;

/// <summary>The second region's keys: what lies there opens also when the first region is lost.</summary>
internal sealed class RecoveryKeysStack : Stack
{
    public RecoveryKeysStack(Construct scope, string id, EnvironmentSettings settings, IStackProps props)
        : base(scope, id, props)
    {
        Data = ServiceKey.Add(this, settings, "data", "Database and snapshots in the second region");
        Logs = ServiceKey.Add(this, settings, "logs", "Logs of the second region");
        Topics = ServiceKey.Add(this, settings, "topics", "Alarms of the second region on their way");
        ServiceKey.LetLogsUse(this, Logs);
        ServiceKey.LetEventsUse(Topics);
    }

    public Key Data { get; }

    public Key Logs { get; }

    public Key Topics { get; }
}
