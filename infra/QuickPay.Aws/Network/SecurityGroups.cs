using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Constructs;

namespace QuickPay.Aws.Network;

/// <summary>
/// Who may talk to whom, all of it in one place:
/// <code>
///   internet ──443, 80──> load balancer ──8080──> API ──5432──> database <──5432── worker, functions
///                                                  └───6379──> cache    <──6379── worker
///   API, worker, functions ──443──> AWS's services, by their endpoints or the NAT gateways
/// </code>
/// Nobody else reaches anything, in either direction.
/// </summary>
internal sealed class SecurityGroups
{
    public const int ApiPort = 8080;
    public const int DatabasePort = 5432;
    public const int CachePort = 6379;

    /// <summary>By which the promotion of the second region knows what it may close here.</summary>
    public const string GuardsTag = "quickpay:guards";
    public const string GuardsDatabase = "database";

    public SecurityGroups(Construct scope, IVpc vpc)
    {
        LoadBalancer = Group("LoadBalancer", "Where members come in");
        Api = Group("Api", "API servers");
        Worker = Group("Worker", "Workers");
        Functions = Group("Functions", "The functions: set up, statistics");
        Database = Group("Database", "PostgreSQL");
        Cache = Group("Cache", "Redis");
        Endpoints = Group("Endpoints", "Endpoints of AWS's services");
        Tags.Of(Database).Add(GuardsTag, GuardsDatabase);

        foreach (var anywhere in new[] { Peer.AnyIpv4(), Peer.AnyIpv6() })
        {
            LoadBalancer.AddIngressRule(anywhere, Port.Tcp(443), "Members");
            LoadBalancer.AddIngressRule(anywhere, Port.Tcp(80), "Members, to be redirected");
        }
        Allow(LoadBalancer, Api, ApiPort);
        foreach (var client in new[] { Api, Worker, Functions })
        {
            Allow(client, Database, DatabasePort);
            Allow(client, Endpoints, 443);
            client.AddEgressRule(Peer.AnyIpv4(), Port.Tcp(443), "AWS's services that have no endpoint here, and the source of rates");
        }
        foreach (var client in new[] { Api, Worker })
        {
            Allow(client, Cache, CachePort);
        }

        SecurityGroup Group(string name, string description) =>
            new(
                scope,
                name,
                new SecurityGroupProps
                {
                    Vpc = vpc,
                    Description = description,
                    AllowAllOutbound = false,
                }
            );
    }

    public SecurityGroup LoadBalancer { get; }

    public SecurityGroup Api { get; }

    public SecurityGroup Worker { get; }

    public SecurityGroup Functions { get; }

    public SecurityGroup Database { get; }

    public SecurityGroup Cache { get; }

    public SecurityGroup Endpoints { get; }

    /// <summary>Both ends: one leaves, the other lets in.</summary>
    private static void Allow(SecurityGroup from, SecurityGroup to, int port)
    {
        from.AddEgressRule(to, Port.Tcp(port), $"To {to.Node.Id}");
        to.AddIngressRule(from, Port.Tcp(port), $"From {from.Node.Id}");
    }
}
