using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// Asks each server every second whether it is ready. "No" and a refused connection take it out at once, an answer that does not come
/// after two probes in a row (one may be the network's fault or a busy moment's), and one "yes" brings it back. Ours instead of YARP's,
/// whose rounds end with the slowest server and wait for connections among the members' requests.
/// </summary>
internal sealed class HealthProbes : BackgroundService
{
    private const int TimeoutsMax = 2;
    private const string Path = "/health/ready";
    private const string TimedOut = "no answer";
    private readonly ConditionalWeakTable<DestinationState, Probing> _probings = [];
    private readonly HttpMessageInvoker _http;
    private readonly BalancingOptions _options;
    private readonly IProxyStateLookup _proxy;
    private readonly ServerHealth _health;
    private readonly TimeProvider _time;

    public HealthProbes(IOptions<BalancingOptions> options, IProxyStateLookup proxy, ServerHealth health, TimeProvider time)
    {
        (_options, _proxy, _health, _time) = (options.Value, proxy, health, time);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // A connection for each probe: whether a server still takes connections is half of what is asked.
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = 8,
            MaxResponseDrainSize = 0,
            ActivityHeadersPropagator = null,
        };
        ServerConnections.Believe(handler, _options);
        _http = new HttpMessageInvoker(handler);
    }

    /// <summary>The edge begins to listen when every server has been asked once.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(ProbeAll(cancellationToken));
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Asks a server now that a request has broken off at: it may be gone, or may have stumbled over that request alone.</summary>
    public void AskNow(ClusterState cluster, DestinationState server) => _ = ProbeAsync(cluster, server, CancellationToken.None);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(_options.ProbeEveryMs), _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Not awaited: a server that hangs does not keep the others from being asked.
            _ = ProbeAll(stoppingToken);
        }
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    private Task[] ProbeAll(CancellationToken cancellationToken)
    {
        if (!_proxy.TryGetCluster(ServerList.Cluster, out var cluster))
        {
            return [];
        }
        _health.Agree(cluster);
        return [.. cluster.Destinations.Values.Select(server => ProbeAsync(cluster, server, cancellationToken))];
    }

    private async Task ProbeAsync(ClusterState cluster, DestinationState server, CancellationToken cancellationToken)
    {
        var probing = _probings.GetOrCreateValue(server);
        if (!probing.TryBegin())
        {
            return;
        }
        try
        {
            var address = server.Model.Config.Address;
            var wrong = await AskAsync(address, cancellationToken);
            if (address != server.Model.Config.Address)
            {
                // Its answer says nothing about the new address, which the next round asks.
                probing.Timeouts = 0;
                return;
            }
            probing.Timeouts = wrong == TimedOut ? probing.Timeouts + 1 : 0;
            if (wrong is null)
            {
                _health.LetIn(cluster, server);
            }
            else if (wrong != TimedOut)
            {
                _health.TakeOut(cluster, server, wrong);
            }
            else if (probing.Timeouts >= TimeoutsMax)
            {
                _health.HoldBack(cluster, server);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The edge stops.
        }
        finally
        {
            probing.End();
        }
    }

    /// <summary>What is wrong with it; null when it is ready.</summary>
    private async Task<string?> AskAsync(string address, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.ProbeTimeoutMs), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(address), Path))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        try
        {
            using var answer = await _http.SendAsync(request, either.Token);
            return answer.IsSuccessStatusCode ? null : $"it says {(int)answer.StatusCode}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return TimedOut;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return e.Message;
        }
    }

    private sealed class Probing
    {
        private int _running;

        /// <summary>How many probes in a row were not answered.</summary>
        public int Timeouts { get; set; }

        public bool TryBegin() => Interlocked.Exchange(ref _running, 1) == 0;

        public void End() => Volatile.Write(ref _running, 0);
    }
}
