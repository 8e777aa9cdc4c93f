using Microsoft.Extensions.Options;
using QuickPay.Edge.Surface;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// The API servers, from a file that whoever starts and stops them writes. It is looked at every second; a file that cannot be read or is
/// wrong leaves the list as it is, and is said once. A server that is no longer in it finishes what it has begun and gets nothing new.
/// </summary>
public sealed class ServerList : BackgroundService
{
    internal const string Cluster = "api";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly BalancingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerList> _logger;
    private FileStamp _seen;
    private string? _wrong;

    /// <exception cref="OptionsValidationException">There is no list to start with.</exception>
    public ServerList(IOptions<BalancingOptions> options, TimeProvider time, ILogger<ServerList> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        _seen = FileStamp.Of(_options.ServersFile);
        try
        {
            Config = new InMemoryConfigProvider(Routes(), [ClusterOf(ServersFile.Read(_options.ServersFile))]);
        }
        catch (Exception e) when (IsWrongFile(e))
        {
            throw new OptionsValidationException(
                BalancingOptions.Section,
                typeof(BalancingOptions),
                [$"{BalancingOptions.Section}:{nameof(BalancingOptions.ServersFile)} {_options.ServersFile} cannot be used. {e.Message}"]
            );
        }
    }

    /// <summary>What the proxy reads.</summary>
    internal InMemoryConfigProvider Config { get; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            LookAgain();
        }
    }

    /// <summary>What happens every second.</summary>
    internal void LookAgain()
    {
        try
        {
            var seen = FileStamp.Of(_options.ServersFile);
            // A file that was wrong may have been read half-written, and finished within the grain of its time stamp.
            if (seen == _seen && _wrong is null)
            {
                return;
            }
            _seen = seen;
            var servers = ServersFile.Read(_options.ServersFile);
            Config.Update(Config.GetConfig().Routes, [ClusterOf(servers)]);
            _wrong = null;
            BalancingLog.ListRead(_logger, servers.Count);
        }
        catch (Exception e)
        {
            // Nothing that is wrong with a file may end the process.
            if (e.Message != _wrong)
            {
                BalancingLog.ListUnreadable(_logger, _options.ServersFile, e.Message);
                _wrong = e.Message;
            }
        }
    }

    private ClusterConfig ClusterOf(IReadOnlyList<ApiServer> servers) =>
        new()
        {
            ClusterId = Cluster,
            Destinations = servers.ToDictionary(server => server.Id!, server => new DestinationConfig { Address = server.Address! }),
            HealthCheck = new HealthCheckConfig { AvailableDestinationsPolicy = ProbedServers.PolicyName },
            HttpRequest = new ForwarderRequestConfig
            {
                ActivityTimeout = TimeSpan.FromMilliseconds(_options.AnswerTimeoutMs),
                Version = System.Net.HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            },
            // The edge lets header bytes through as they came; what they may be, the API decides.
            HttpClient = new HttpClientConfig { MaxConnectionsPerServer = _options.InFlightPerServerMax, RequestHeaderEncoding = "utf-8" },
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

    private static bool IsWrongFile(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException;
}
