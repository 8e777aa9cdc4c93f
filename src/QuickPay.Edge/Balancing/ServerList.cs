using System.Text.Json;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Surface;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// The API servers, from a file that whoever starts and stops them writes. It is looked at every second; a file that cannot be read
/// leaves the list as it is.
/// </summary>
public sealed class ServerList : BackgroundService
{
    internal const string Cluster = "api";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly BalancingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerList> _logger;
    private DateTime _written;

    public ServerList(IOptions<BalancingOptions> options, TimeProvider time, ILogger<ServerList> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        _written = File.GetLastWriteTimeUtc(_options.ServersFile);
        Config = new InMemoryConfigProvider(Routes(), [ClusterOf(Read())]);
    }

    /// <summary>What the proxy reads.</summary>
    internal InMemoryConfigProvider Config { get; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var written = File.GetLastWriteTimeUtc(_options.ServersFile);
            if (written == _written)
            {
                continue;
            }
            try
            {
                Config.Update(Config.GetConfig().Routes, [ClusterOf(Read())]);
                _written = written;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
            {
                BalancingLog.ListUnreadable(_logger, _options.ServersFile, e.Message);
            }
        }
    }

    private ServersFile Read() =>
        JsonSerializer.Deserialize<ServersFile>(File.ReadAllText(_options.ServersFile), JsonSerializerOptions.Web)
        ?? throw new InvalidDataException("it is empty");

    private static ClusterConfig ClusterOf(ServersFile file) =>
        new()
        {
            ClusterId = Cluster,
            LoadBalancingPolicy = LoadBalancingPolicies.LeastRequests,
            Destinations = file.Servers.ToDictionary(server => server.Id, server => new DestinationConfig { Address = server.Address }),
        };

    private static List<RouteConfig> Routes() =>
        [
            .. ApiSurface.Calls.Select(call => new RouteConfig
            {
                RouteId = call.Name,
                ClusterId = Cluster,
                Match = new RouteMatch { Path = call.Template, Methods = [call.Method] },
            }),
        ];

    private sealed record ServersFile(IReadOnlyList<Server> Servers);

    private sealed record Server(string Id, string Address);
}

/// <summary>Log messages of the load balancer.</summary>
internal static partial class BalancingLog
{
    [LoggerMessage(4101, LogLevel.Error, "The list of servers {File} cannot be read; the old one stays: {Reason}")]
    public static partial void ListUnreadable(ILogger logger, string file, string reason);
}
