using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using QuickPay.Aws.Data;
using QuickPay.Aws.Edge;
using QuickPay.Aws.Service;
using QuickPay.Aws.Settings;
using QuickPay.Slo;

namespace QuickPay.Aws.Observe;

/// <summary>Where CloudWatch has what we look at, one value a minute.</summary>
internal sealed class Measures(EnvironmentSettings settings, DataStack data, EdgeStack edge, ServiceStack service)
{
    internal const string Balancer = "AWS/ApplicationELB";
    internal const string Rds = "AWS/RDS";
    internal const string Redis = "AWS/ElastiCache";
    private static readonly Duration Minute = Duration.Minutes(1);

    /// <summary>Null where an installation has nothing that could be measured: no replicas, say.</summary>
    public IMetric? Of(Indicator indicator) =>
        indicator switch
        {
            Indicator.DatabaseProcessor => OfDatabase("CPUUtilization"),
            Indicator.ResponseTime => ResponseTime("p99"),
            Indicator.Errors => Errors,
            Indicator.ReplicaLag => ReplicaLag,
            Indicator.DatabaseRoom => DatabaseRoom,
            Indicator.CacheMemory => CacheMemory,
            Indicator.ReadyServers => OfBalancer("HealthyHostCount", "Minimum", withTargets: true),
            _ => throw new ArgumentOutOfRangeException(nameof(indicator), indicator, "CloudWatch was not told where this is."),
        };

    /// <summary>Milliseconds; a statistic such as <c>p99</c>.</summary>
    public MathExpression ResponseTime(string statistic) =>
        Math($"1000 * {statistic}", statistic, (statistic, OfBalancer("TargetResponseTime", statistic)));

    /// <summary>By the node of the load balancer that sees most of them.</summary>
    public Metric MostReadyServers => OfBalancer("HealthyHostCount", "Maximum", withTargets: true);

    public MathExpression RequestsPerSecond => Math("requests / 60", "requests/s", ("requests", OfBalancer("RequestCount", "Sum")));

    /// <summary>Of all nodes: after a promotion another is the primary.</summary>
    public MathExpression CacheHitRate
    {
        get
        {
            var nodes = Enumerable.Range(1, 1 + settings.Cache.Replicas).ToList();
            return Math(
                $"100 * ({Sum("h")}) / ({Sum("h")} + {Sum("m")})",
                "hits, %",
                [
                    .. nodes.Select(node => ($"h{node}", OfCache("CacheHits", node, "Sum"))),
                    .. nodes.Select(node => ($"m{node}", OfCache("CacheMisses", node, "Sum"))),
                ]
            );

            string Sum(string kind) => string.Join(" + ", nodes.Select(node => $"{kind}{node}"));
        }
    }

    public Metric ServerProcessor =>
        Metric("AWS/EC2", "CPUUtilization", "Average", new() { ["AutoScalingGroupName"] = service.Api.Group.Ref });

    public Metric OfDatabase(string name, string statistic = "Average") =>
        Metric(Rds, name, statistic, new() { ["DBInstanceIdentifier"] = data.Database.Primary.InstanceIdentifier });

    // What no server could be given is refused, and is no request by the balancer's count.
    private MathExpression Errors =>
        Math(
            "100 * (FILL(refused, 0) + FILL(failed, 0)) / (FILL(refused, 0) + FILL(requests, 0))",
            "errors, %",
            ("refused", OfBalancer("HTTPCode_ELB_5XX_Count", "Sum")),
            ("failed", OfBalancer("HTTPCode_Target_5XX_Count", "Sum")),
            ("requests", OfBalancer("RequestCount", "Sum"))
        );

    private MathExpression? ReplicaLag =>
        data.Database.Replicas.Count == 0
            ? null
            : Largest(
                "lag, s",
                data.Database.Replicas.Select(replica =>
                    Metric(Rds, "ReplicaLag", "Maximum", new() { ["DBInstanceIdentifier"] = replica.InstanceIdentifier })
                )
            );

    private MathExpression DatabaseRoom =>
        Math($"100 * free / {(long)settings.Database.StorageGiB << 30}", "free, %", ("free", OfDatabase("FreeStorageSpace", "Minimum")));

    private MathExpression CacheMemory =>
        Largest(
            "memory, %",
            Enumerable.Range(1, 1 + settings.Cache.Replicas).Select(node => OfCache("DatabaseMemoryUsagePercentage", node, "Maximum"))
        );

    private Metric OfBalancer(string name, string statistic, bool withTargets = false)
    {
        var dimensions = new Dictionary<string, string> { ["LoadBalancer"] = edge.LoadBalancer.LoadBalancerFullName };
        if (withTargets)
        {
            dimensions["TargetGroup"] = edge.Targets.TargetGroupFullName;
        }
        return Metric(Balancer, name, statistic, dimensions);
    }

    private Metric OfCache(string name, int node, string statistic) =>
        Metric(Redis, name, statistic, new() { ["CacheClusterId"] = $"{Cache.NameOf(settings)}-{node:000}" });

    internal static MathExpression Largest(string label, IEnumerable<Metric> metrics)
    {
        var named = metrics.Select((metric, index) => (Name: $"m{index + 1}", metric)).ToArray();
        return Math($"MAX([{string.Join(", ", named.Select(one => one.Name))}])", label, named);
    }

    internal static MathExpression Math(string expression, string label, params (string Name, Metric Metric)[] of) =>
        new(
            new MathExpressionProps
            {
                Expression = expression,
                Label = label,
                Period = Minute,
                UsingMetrics = of.ToDictionary(one => one.Name, IMetric (one) => one.Metric),
            }
        );

    internal static Metric Metric(string @namespace, string name, string statistic, Dictionary<string, string> dimensions) =>
        new(
            new MetricProps
            {
                Namespace = @namespace,
                MetricName = name,
                Statistic = statistic,
                Period = Minute,
                DimensionsMap = dimensions,
            }
        );
}
