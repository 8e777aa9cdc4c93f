using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Constructs;
using QuickPay.Aws.Data;
using QuickPay.Aws.Edge;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Network;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Service;

/// <summary>The servers: API servers behind the load balancer, as many as it takes, and the workers.</summary>
internal sealed class ServiceStack : Stack
{
    public ServiceStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        FoundationStack foundation,
        NetworkStack network,
        DataStack data,
        EdgeStack edge,
        IdentityStack identity,
        IStackProps props
    )
        : base(scope, id, props)
    {
        var program = ProgramVersion.In(this);
        AddLogs(this, settings, foundation.Logs);
        var (service, bucket) = (settings.Service, foundation.Artifacts.BucketName);

        var stores = Stores.Of(data);
        var api = HostEnvironment.OfApi(settings, stores, edge);
        Api = new ServerGroup(
            this,
            "Api",
            new ServerKind("QuickPay.Api", service.Instance, service.Min, service.Max),
            network,
            network.Groups.Api,
            identity.Api,
            foundation.Data,
            group => BootScript.Of("QuickPay.Api", group, api, program, bucket),
            [edge.Targets.TargetGroupArn]
        );
        Scaling.Add(this, Api.Group);

        var worker = HostEnvironment.OfWorker(settings, stores);
        Worker = new ServerGroup(
            this,
            "Worker",
            new ServerKind("QuickPay.Worker", service.Instance, service.Workers, service.Workers + 1),
            network,
            network.Groups.Worker,
            identity.Worker,
            foundation.Data,
            group => BootScript.Of("QuickPay.Worker", group, worker, program, bucket),
            []
        );
    }

    public ServerGroup Api { get; }

    public ServerGroup Worker { get; }

    /// <summary>What hosts say, by their kind.</summary>
    public static void AddLogs(Stack stack, EnvironmentSettings settings, IKey key)
    {
        foreach (var host in new[] { "api", "worker" })
        {
            settings.AddLog(stack, $"{host.Capital()}Log", $"/quickpay/{settings.Name}/{host}", key);
        }
    }
}
