using Amazon.CDK;
using QuickPay.Aws.Audit;
using QuickPay.Aws.Data;
using QuickPay.Aws.Edge;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Functions;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Network;
using QuickPay.Aws.Observe;
using QuickPay.Aws.Recovery;
using QuickPay.Aws.Service;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws;

/// <summary>One installation: its stacks, each of one concern, in the order in which they need each other.</summary>
internal sealed class Deployment
{
    public Deployment(App app, EnvironmentSettings settings)
    {
        Foundation = new FoundationStack(app, Named("Foundation"), settings, In(settings.Region));
        Network = new NetworkStack(app, Named("Network"), settings, Foundation.Logs, In(settings.Region));
        Data = new DataStack(app, Named("Data"), settings, Network, Foundation, In(settings.Region));
        Edge = new EdgeStack(app, Named("Edge"), settings, Network, Foundation.Logs, In(settings.Region));
        Identity = new IdentityStack(app, Named("Identity"), settings, Foundation, Data, In(settings.Region));
        Deployers.Add(app, settings, Foundation);
        Audit = new AuditStack(app, Named("Audit"), settings, Foundation, Data, Edge, In(settings.Region));
        Setup = new SetupStack(app, Named("Setup"), settings, Foundation, Network, Data, In(settings.Region));
        Service = new ServiceStack(app, Named("Service"), settings, Foundation, Network, Data, Edge, Identity, In(settings.Region));
        Service.AddDependency(Setup, "Servers start on a database that is up to date");
        Statistics = new StatisticsStack(app, Named("Statistics"), settings, Foundation, Network, Data, In(settings.Region));
        Statistics.AddDependency(Setup, "Its role is made there");
        TokenKey = new TokenKeyStack(app, Named("TokenKey"), settings, Foundation, Network, Data, In(settings.Region));
        TokenKey.AddDependency(Service, "Servers follow what it does to the key");
        Observe = new ObserveStack(
            app,
            Named("Observe"),
            settings,
            new Measures(settings, Data, Edge, Service),
            Audit.Copied,
            Foundation.Topics,
            In(settings.Region)
        );
        var bounded = new List<Stack> { Network, Data, Audit, Setup, Service, Statistics, TokenKey };
        if (settings.Recovery is { } recovery)
        {
            var elsewhere = settings.In(recovery);
            var keys = new RecoveryKeysStack(app, Named("RecoveryKeys"), settings, In(recovery.Region));
            var network = new NetworkStack(app, Named("RecoveryNetwork"), elsewhere, keys.Logs, In(recovery.Region));
            var stack = new RecoveryStack(app, Named("Recovery"), settings, network, keys, In(recovery.Region));
            var watch = new WatchStack(app, Named("Watch"), settings, recovery.Region, In(WatchStack.Home));
            Data.AddDependency(keys, "Copies of secrets lie under a key there");
            stack.AddDependency(Data, "There is something to be a replica of");
            Audit.AddDependency(stack, "There is a vault to copy snapshots to");
            Audit.AddDependency(keys, "There are buckets to copy the audit to");
            watch.AddDependency(Observe, "There is the alarm that it reads");
            var edge = new EdgeStack(app, Named("RecoveryEdge"), elsewhere, network, keys.Logs, In(recovery.Region));
            var service = new SecondServiceStack(app, Named("RecoveryService"), elsewhere, keys, network, stack, edge, In(recovery.Region));
            // Which comes after the secrets, whose copies its servers fetch, and after the database is up to date.
            service.AddDependency(Service, "A version comes here when it has proven itself there");
            bounded.AddRange([network, stack, watch, service]);
        }
        foreach (var stack in bounded)
        {
            Boundary.Of(stack, settings);
        }
        Tags.Of(app).Add("quickpay:environment", settings.Name);

        string Named(string concern) => $"QuickPay-{settings.Name}-{concern}";

        // Without an account: the templates are the same for everybody, and CloudFormation fills it in.
        StackProps In(string region) =>
            new()
            {
                Env = new Amazon.CDK.Environment { Region = region },
                TerminationProtection = settings.KeepsData,
                AnalyticsReporting = false,
                // `./quickpay aws deploy` brings templates and programs itself: an account needs no preparation.
                Synthesizer = new LegacyStackSynthesizer(),
            };
    }

    public FoundationStack Foundation { get; }

    public NetworkStack Network { get; }

    public DataStack Data { get; }

    public EdgeStack Edge { get; }

    public IdentityStack Identity { get; }

    public AuditStack Audit { get; }

    public SetupStack Setup { get; }

    public ServiceStack Service { get; }

    public StatisticsStack Statistics { get; }

    public TokenKeyStack TokenKey { get; }

    public ObserveStack Observe { get; }
}
