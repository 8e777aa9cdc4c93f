using Amazon.CDK;
using Constructs;
using QuickPay.Aws.Data;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Network;
using QuickPay.Aws.Service;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Functions;

/// <summary>
/// Each day, after Seoul's midnight, what the day before was like: read by the role of statistics, which can do nothing else, from the replica for
/// statistics, and written to the log as metrics.
/// </summary>
internal sealed class StatisticsStack : Stack
{
    public StatisticsStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        FoundationStack foundation,
        NetworkStack network,
        DataStack data,
        IStackProps props
    )
        : base(scope, id, props)
    {
        var replicas = data.Database.ReplicaAddresses;
        var login = new DatabaseLogin(replicas.Count > 1 ? replicas[1] : data.Database.PrimaryAddress, DatabaseLogin.Statistics);
        var function = new Function(
            this,
            settings,
            new FunctionKind(Function.Statistics, Minutes: 1, Function.Reaching(login), [login], Reads: []),
            foundation,
            network,
            ProgramVersion.In(this)
        );
        function.StartDaily(this, "Twenty past midnight in Seoul: the day's last hour is summed up", "20 15");
    }
}
