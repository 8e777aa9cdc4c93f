using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using QuickPay.Aws.Settings;
using QuickPay.Slo;

namespace QuickPay.Aws.Observe;

/// <summary>What to look at first: members' side above, then servers, then what is kept.</summary>
internal static class Board
{
    public static void Add(Stack stack, EnvironmentSettings settings, Measures measures)
    {
        var board = new Dashboard(
            stack,
            "Board",
            new DashboardProps { DashboardName = $"quickpay-{settings.Name}", DefaultInterval = Duration.Hours(3) }
        );
        board.AddWidgets(
            Graph("Requests a second", measures.RequestsPerSecond),
            Graph("Response time, ms", measures.ResponseTime("p50"), measures.ResponseTime("p95"), measures.ResponseTime("p99")),
            Graph("Errors, %", measures.Of(Indicator.Errors)!)
        );
        board.AddWidgets(
            Graph("Servers that are ready", measures.Of(Indicator.ReadyServers)!),
            Graph("Servers' processors, %", measures.ServerProcessor),
            Graph("Cache hits, %", measures.CacheHitRate),
            Graph("Cache memory, %", measures.Of(Indicator.CacheMemory)!)
        );
        board.AddWidgets(
            Graph("Database's processors, %", measures.OfDatabase("CPUUtilization")),
            Graph("Database's free memory, bytes", measures.OfDatabase("FreeableMemory")),
            Graph("Database's reads and writes a second", measures.OfDatabase("ReadIOPS"), measures.OfDatabase("WriteIOPS")),
            Graph("Database's room, %", measures.Of(Indicator.DatabaseRoom)!)
        );
        board.AddWidgets([
            Graph("Connections", measures.OfDatabase("DatabaseConnections", "Maximum")),
            .. measures.Of(Indicator.ReplicaLag) is { } lag ? new IWidget[] { Graph("Replicas' lag, s", lag) } : [],
        ]);
    }

    private static GraphWidget Graph(string title, params IMetric[] metrics) =>
        new(
            new GraphWidgetProps
            {
                Title = title,
                Left = metrics,
                Width = 6,
            }
        );
}
