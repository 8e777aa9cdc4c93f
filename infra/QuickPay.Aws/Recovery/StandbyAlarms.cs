using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Data;
using QuickPay.Aws.Edge;
using QuickPay.Aws.Observe;
using QuickPay.Aws.Settings;
using QuickPay.Slo;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// Whether the second region could take over at this moment: a replica that does not follow, or servers that are not ready, are noticed by no member until the
/// day they are needed. By the lines of <see cref="ServiceLevels"/> that hold there too. Nothing heard is as bad as a bad figure.
/// </summary>
internal static class StandbyAlarms
{
    public static void Add(Stack stack, EnvironmentSettings settings, EdgeStack edge, ITopic topic)
    {
        foreach (var level in ServiceLevels.All)
        {
            if (MetricOf(level.Indicator, settings, edge) is { } metric)
            {
                LevelAlarm.Add(stack, settings, level, metric, TreatMissingData.BREACHING, topic, "elsewhere-");
            }
        }
    }

    /// <summary>Null for what only members' requests show.</summary>
    private static IMetric? MetricOf(Indicator indicator, EnvironmentSettings settings, EdgeStack edge) =>
        indicator switch
        {
            Indicator.ReplicaLag => OfReplica("ReplicaLag", "Maximum", settings),
            Indicator.DatabaseRoom => Measures.Math(
                $"100 * free / {(long)settings.Database.StorageGiB << 30}",
                "free, %",
                ("free", OfReplica("FreeStorageSpace", "Minimum", settings))
            ),
            Indicator.CacheMemory => Measures.Largest(
                "memory, %",
                Enumerable
                    .Range(1, 1 + settings.Cache.Replicas)
                    .Select(node =>
                        Measures.Metric(
                            Measures.Redis,
                            "DatabaseMemoryUsagePercentage",
                            "Maximum",
                            new() { ["CacheClusterId"] = $"{Cache.NameOf(settings)}-{node:000}" }
                        )
                    )
            ),
            Indicator.ReadyServers => Measures.Metric(
                Measures.Balancer,
                "HealthyHostCount",
                "Minimum",
                new() { ["LoadBalancer"] = edge.LoadBalancer.LoadBalancerFullName, ["TargetGroup"] = edge.Targets.TargetGroupFullName }
            ),
            _ => null,
        };

    private static Metric OfReplica(string name, string statistic, EnvironmentSettings settings) =>
        Measures.Metric(Measures.Rds, name, statistic, new() { ["DBInstanceIdentifier"] = RecoveryStack.NameOf(settings) });
}
